#include "kernels/codecs/jp2/stream.h"

#include <algorithm>
#include <array>

namespace iiifbench::jp2 {
namespace {

// Warnings of the library that say nothing about the picture: SOP markers are optional where they
// are announced (T.800 A.8.1), and a TNsot one too small is corrected.
constexpr std::string_view kHarmlessWarnings[] = {"Expected SOP marker",
                                                  "Not enough space for expected SOP marker",
                                                  "Non conformant codestream TPsot==TNsot"};

void Keep(const char* text, std::string& message) {
  if (!message.empty()) return;
  message = text;
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  for (char& letter : message)
    if (letter == '\n') letter = ' ';
}

}  // namespace

// Serves the extents one after the other, then EOC.
size_t Decoder::Read(uint8_t* into, size_t bytes) {
  size_t done = 0;
  // The extent that `at` lies in: there may be as many as tile-parts.
  const auto next =
      static_cast<size_t>(std::upper_bound(starts.begin(), starts.end(), at) - starts.begin());
  for (size_t n = next == 0 ? 0 : next - 1; n < extents.size() && done < bytes; ++n) {
    const int64_t inside = at - starts[n];
    if (inside >= extents[n].bytes) continue;
    const auto count =
        std::min<int64_t>(extents[n].bytes - inside, static_cast<int64_t>(bytes - done));
    auto read = source->ReadSome(extents[n].offset + inside,
                                 std::span(into + done, static_cast<size_t>(count)));
    if (!read) return done;
    done += *read;
    at += static_cast<int64_t>(*read);
    if (static_cast<int64_t>(*read) < count) return done;
  }
  for (; done < bytes && at < length; ++at) into[done++] = at == length - 2 ? 0xFF : 0xD9;
  return done;
}

Error Decoder::Failure(std::string_view doing) const {
  return Fail(ErrorKind::kBadInput, "OpenJPEG: {}: {}: {}", source->name(), doing,
              !message.empty()   ? message
              : !warning.empty() ? warning
                                 : "no message of the library");
}

bool Decoder::Complained() const { return !message.empty() || !warning.empty(); }

Result<std::unique_ptr<Decoder>> OpenDecoder(Source& source, std::vector<Extent> extents, int level,
                                             int threads) {
  auto decoder = std::make_unique<Decoder>();
  decoder->source = &source;
  decoder->extents = std::move(extents);
  for (const Extent& extent : decoder->extents) {
    decoder->starts.push_back(decoder->length);
    decoder->length += extent.bytes;
  }
  decoder->length += 2;
  decoder->codec.reset(opj_create_decompress(OPJ_CODEC_J2K));
  opj_set_error_handler(
      decoder->codec.get(),
      [](const char* text, void* data) { Keep(text, static_cast<Decoder*>(data)->message); },
      decoder.get());
  opj_set_warning_handler(
      decoder->codec.get(),
      [](const char* text, void* data) {
        for (const std::string_view harmless : kHarmlessWarnings)
          if (std::string_view(text).starts_with(harmless)) return;
        Keep(text, static_cast<Decoder*>(data)->warning);
      },
      decoder.get());
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  parameters.cp_reduce = static_cast<OPJ_UINT32>(level);
  if (!opj_setup_decoder(decoder->codec.get(), &parameters)) return decoder->Failure("set up");
  opj_decoder_set_strict_mode(decoder->codec.get(), OPJ_TRUE);
  if (threads > 1) opj_codec_set_threads(decoder->codec.get(), threads);
  decoder->stream.reset(opj_stream_create(size_t{256} << 10, OPJ_TRUE));
  opj_stream_t* stream = decoder->stream.get();
  opj_stream_set_user_data(stream, decoder.get(), nullptr);
  opj_stream_set_user_data_length(stream, static_cast<OPJ_UINT64>(decoder->length));
  opj_stream_set_read_function(stream, [](void* into, OPJ_SIZE_T bytes, void* data) -> OPJ_SIZE_T {
    const size_t read = static_cast<Decoder*>(data)->Read(static_cast<uint8_t*>(into), bytes);
    return read == 0 ? static_cast<OPJ_SIZE_T>(-1) : read;
  });
  opj_stream_set_skip_function(stream, [](OPJ_OFF_T bytes, void* data) -> OPJ_OFF_T {
    auto* d = static_cast<Decoder*>(data);
    if (d->at + bytes > d->length) return -1;
    d->at += bytes;
    return bytes;
  });
  opj_stream_set_seek_function(stream, [](OPJ_OFF_T to, void* data) -> OPJ_BOOL {
    auto* d = static_cast<Decoder*>(data);
    if (to < 0 || to > d->length) return OPJ_FALSE;
    d->at = to;
    return OPJ_TRUE;
  });
  opj_image_t* image = nullptr;
  if (!opj_read_header(stream, decoder->codec.get(), &image))
    return decoder->Failure("read header");
  decoder->image.reset(image);
  return decoder;
}

}  // namespace iiifbench::jp2
