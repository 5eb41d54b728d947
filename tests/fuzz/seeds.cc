// fuzz_seeds DIR: small valid inputs for every fuzz target, made by our own encoders, in
// DIR/<target>/.
#include <filesystem>
#include <fstream>
#include <random>
#include <span>

#include "kernels/iiif/image_request.h"
#include "tests/fuzz/fuzzed_decode.h"

namespace iiifbench {
namespace {

Image SeedPicture(Size size, int channels) {
  Image image(size, channels);
  std::mt19937_64 random(1);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width * channels; ++x)
      image.view().row(y)[x] = static_cast<uint8_t>(((x / 9 + y / 7) % 4 == 0 ? 40 : 150 + x / 4) +
                                                    static_cast<int>(random() % 5));
  return image;
}

void Write(const std::filesystem::path& path, const std::vector<uint8_t>& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

std::vector<uint8_t> With(std::vector<uint8_t> file, const std::vector<uint8_t>& tail) {
  file.insert(file.end(), tail.begin(), tail.end());
  return file;
}

void WriteSeeds(const std::filesystem::path& folder) {
  for (const Codec* codec : Codecs()) {
    if (codec->encode == nullptr) continue;
    static const Recipe kPlain = {.name = "plain", .extension = "", .options = {}};
    const bool none = codec->recipes.empty();
    for (const Recipe& recipe : none ? std::span(&kPlain, 1) : codec->recipes) {
      for (const int channels : {1, 3}) {
        EncodeOptions options = recipe.options;
        options.decompositions = 3;
        if (options.tile.width > 0) options.tile = {32, 32};
        std::vector<uint8_t> bytes;
        if (!codec->encode(SeedPicture({61, 45}, channels).view(), options, bytes)) continue;
        const std::string name = fmt::format("{}_{}", recipe.name, channels);
        const std::filesystem::path at = folder / fmt::format("{}_fuzz", codec->name);
        Write(at / (name + "_whole"), With(bytes, {0, 0, 255, 255, 0, 2, 0, 0}));
        Write(at / (name + "_region"), With(bytes, {90, 70, 120, 99, 1, 0, 1, 0}));
        if (codec->name != "jpeg") continue;
        auto source = Source::Borrow(bytes, name);
        auto index = codec->build_index(*source);
        if (!index) continue;
        const std::vector<uint8_t> tail = {static_cast<uint8_t>(index->size() >> 8),
                                           static_cast<uint8_t>(index->size()),
                                           90,
                                           70,
                                           120,
                                           99,
                                           0,
                                           0,
                                           1,
                                           0};
        Write(folder / "index_fuzz" / name, With(With(bytes, *index), tail));
      }
    }
  }
  int number = 0;
  for (const char* path :
       {"a/full/max/0/default.jpg", "a%2Fb/10,20,300,400/150,/90/gray.png",
        "a/pct:10.5,20,33.3,40/!200,100/!22.5/color.jpg", "x/square/pct:50/180/bitonal.webp",
        "x/0,0,1,1/^pct:200/270/default.tif", "x/988,0,4,777/1,30/0/default.jpg",
        "x/1,24,30,1/,514999998/0/gray.jpg"}) {
    for (const uint8_t version : {uint8_t{0}, uint8_t{1}}) {
      std::vector<uint8_t> bytes = {3, 232, 3, 8, version};
      for (const char* p = path; *p != 0; ++p) bytes.push_back(static_cast<uint8_t>(*p));
      Write(folder / "request_fuzz" / fmt::format("path_{}", number++), bytes);
    }
  }
}

void WriteTexts(const std::filesystem::path& folder, const std::string& target, uint8_t which,
                std::initializer_list<const char*> texts) {
  for (int number = 0; const char* text : texts) {
    std::vector<uint8_t> bytes = {which};
    for (const char* p = text; *p != 0; ++p) bytes.push_back(static_cast<uint8_t>(*p));
    Write(folder / target / fmt::format("{}_{}", which, number++), bytes);
  }
}

void WriteAnswerSeeds(const std::filesystem::path& folder) {
  Image image({61, 45}, 3);
  for (int y = 0; y < 45; ++y)
    for (int x = 0; x < 61 * 3; ++x)
      image.view().row(y)[x] =
          static_cast<uint8_t>((x / 9 + y / 7) % 4 == 0 ? 40 : 120 + x / 3 + y);
  for (const char* format : {"jpeg", "png", "webp", "tiff"}) {
    const Codec* codec = FindCodec(format);
    if (codec == nullptr || codec->encode == nullptr) continue;
    for (const int quality : {30, 90}) {
      std::vector<uint8_t> bytes;
      if (codec->encode(image.view(), {.quality = quality}, bytes))
        Write(folder / "answer_fuzz" / fmt::format("{}_{}", format, quality), bytes);
    }
  }
}

// Small texts of each kind, as servers and earlier runs write them.
void WriteTextSeeds(const std::filesystem::path& folder) {
  WriteTexts(
      folder, "text_fuzz", 0,
      {R"({"@context":"http://iiif.io/api/image/2/context.json","@id":"http://h/iiif/2/a",
"protocol":"http://iiif.io/api/image","width":6000,"height":4000,"sizes":[{"width":750,"height":500}],
"tiles":[{"width":256,"scaleFactors":[1,2,4,8]}],"profile":["http://iiif.io/api/image/2/level2.json",
{"formats":["jpg","png"],"maxWidth":2000,"maxArea":4000000}]})",
       R"({"@context":"http://iiif.io/api/image/3/context.json","id":"http://h/iiif/3/a","type":
"ImageService3","protocol":"http://iiif.io/api/image","profile":"level2","width":61,"height":45,
"maxWidth":100,"extraFormats":["webp"],"tiles":[{"width":512,"height":512,"scaleFactors":[1,2]}]})"});
  WriteTexts(
      folder, "text_fuzz", 1,
      {"127.0.0.1 - - [10/Oct/2023:13:55:36 +0200] \"GET /iiif/2/a.jpg/full/200,/0/default.jpg "
       "HTTP/1.1\" 200 2326 \"-\" \"Mozilla\"\n127.0.0.1 - - [10/Oct/2023:13:55:37 +0200] \"GET "
       "/iiif/2/a.jpg/0,0,256,256/256,/0/default.jpg HTTP/1.1\" 200 99\n",
       "::1 - u [01/Jan/2024:00:00:00 +0000] \"GET /iiif/2/b/info.json HTTP/1.0\" 304 -\n"});
  WriteTexts(
      folder, "text_fuzz", 2,
      {R"({"name":"mix","order":"mix","requests":[{"class":"info","info":true},{"class":"tile",
"weight":8,"tile":256,"scale":2},{"class":"full","region":"full","size":"1/4"}]})",
       R"({"name":"page","order":"page","per_page":[20,60],"requests":[{"class":"box",
"width":[100,300],"height":[20,60],"size":"full","format":"png"}]})",
       R"({"name":"x","requests":[{"class":"x","region":"no region","size":"1/4"}]})"});
  WriteTexts(folder, "result_fuzz", 0,
             {R"({"study":{"schema":1,"command":"study"}}
{"server":{"name":"iipsrv","version":"1.1","effective":{"workers":"1"},"idle_cpu":0.1}}
{"sample":{"server":"iipsrv","recipe":"jpeg_q90","class":"tile","page":"map","link":"loopback","total_ms":1.5,"floor_ms":null,"round":0,"bytes":9,"psnr":40,"detail":"","stage_source":"","traps":[],"stages":{"decode":1}}}
{"floor":{"recipe":"jpeg_q90","class":"tile","page":"map","link":"loopback","round":0,"floor_ms":1,"floor_stages":{"decode":0.5}}}
)",
              R"({"study":{"schema":1,"command":"study"}}
{"sample":{"server":"a","recipe":"b","class":"tile","page":"map","link":"loopback","total_ms":1.5,"floor_ms":2,"round":0,"bytes":9,"psnr":40,"detail":"","stage_source":"","traps":["q75"],"stages":{"decode":1}}}
)"});
  WriteTexts(folder, "result_fuzz", 1,
             {R"({"load":{"schema":1,"command":"load"}}
{"point":{"number":0,"load":"1 clients"}}
[1000,2000,0,1,0,0,0,1500,400,9000,1,"tile",""]
[1500,2000,0,1,0,0,0,1500,400,9000,0,"tile","status 502"]
{"until":{"measured":500000000,"in_flight_seconds":0.4,"waited":100,"taken":3,"warm_up":1}}
{"end":{"ended_early":"","http_version":"1.1","kept_one_in":1,"wrong":[0]}}
)",
              R"({"load":{"schema":1,"command":"load"}}
{"point":{"number":0,"load":"1 clients"}}
[1000,2000,0,1,0,0,0,1e26,400,9000,1,"tile",""]
)"});
  WriteTexts(folder, "result_fuzz", 2, {R"({"attribute":{"schema":1,"command":"attribute"}}
{"image":"page.jpg"}
{"answer":{"probe":"equal:256","at":1.5,"ms":3,"first_byte_ms":2,"transfer":{"bytes":9,"body_ms":1,"fresh":true,"connect_ms":0.1,"tls_ms":0},"methods":{"log":{"decode":[1]}},"closes":true}}
{"failure":{"probe":"equal:256","at":1.6,"kind":"status 502"}}
{"kernel":{"name":"decode page.jpg 0,0,9,9 level 0 best","ms":2,"read_ms":0.1,"bytes_read":90}}
)"});
  const char* study =
      R"({"schema":1,"command":"study","machine":{"cpu":"x"},"servers":[{"name":"a","title":"A","version":"1"}],
"cells":[{"server":"a","recipe":"jpeg_q90","class":"tile","page":"map","link":"loopback","status":"measured","samples":9,
"median_ms":2,"low_ms":1,"high_ms":3,"floor_ms":1,"ratio":2,"stages":{"decode":1},"raw":{"total_ms":[2,2],"floor_ms":[1,1]}}],
"reportable":true,"not_reportable":[]})";
  WriteTexts(folder, "result_fuzz", 3, {study});
  WriteTexts(
      folder, "result_fuzz", 4,
      {R"({"schema":1,"command":"load","server":{"name":"a","version":"1"},"workload":{"name":"viewer"},"link":"no link added",
"connections":"reuse","reportable":true,"not_reportable":[],"points":[{"clients":1,"answers":9,"failed":0,"throughput":10,
"latency_ms":2,"low_ms":1,"high_ms":3,"percentiles":{"p50":{"ms":2,"low_ms":1,"high_ms":3}},"check":{"checked":1,"examples":[]},"hdr":""}],
"knee":{"refused":"too few"},"waiting":[]})"});
  WriteTexts(
      folder, "result_fuzz", 5,
      {R"({"schema":1,"command":"attribute","url":"http://h/a","source":"a.jpg","codec":"jpeg","server":{"name":"a"},"recipe":"b",
"requests":[{"path":"full/800,/0/default.jpg","measured_ms":9,"stages":{"decode":{"ms":5,"low_ms":4,"high_ms":6}},
"sentence":"x","methods":{"floor":{"decode":3}}}],"findings":["f"],"refusals":[],"probes":[],"kernels":[]})"});
  WriteTexts(
      folder, "result_fuzz", 6,
      {R"({"context":{"date":"x","num_cpus":2},"benchmarks":[{"name":"a/b","run_name":"a/b","run_type":"iteration","repetitions":2,
"repetition_index":0,"iterations":10,"real_time":1.5,"cpu_time":1.4,"time_unit":"ms"}]})",
       study});
}

}  // namespace
}  // namespace iiifbench

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds DIR\n");
    return 2;
  }
  iiifbench::WriteSeeds(arguments[1]);
  iiifbench::WriteAnswerSeeds(arguments[1]);
  iiifbench::WriteTextSeeds(arguments[1]);
  return 0;
}
