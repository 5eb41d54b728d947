#include "harness/cli/attribute/images.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/answers/manifest/manifest.h"
#include "harness/cli/output.h"
#include "harness/http/address.h"

namespace iiifbench {
namespace {

constexpr size_t kManifestsOfCollection = 4;

bool IsUrl(const std::string& text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

Result<std::string> ReadText(const AttributeOptions& options, const std::string& from) {
  if (!IsUrl(from)) {
    std::ifstream in(from, std::ios::binary);
    if (!in || !std::filesystem::is_regular_file(from))
      return Fail(ErrorKind::kNotFound, "cannot be read");
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  auto leave = AskLeave(from, "The manifest is read first.",
                        options.production.yes || options.production.dry_run);
  if (!leave) return leave.error();
  auto headers = HeadersOf(options.production);
  if (!headers) return headers.error();
  Client client({.timeout = std::chrono::seconds(30), .headers = *headers});
  const Exchange exchange = client.Get(from);
  if (!exchange.error.empty()) return Fail(ErrorKind::kIo, "{}", exchange.error);
  if (exchange.status != 200)
    return Fail(ErrorKind::kIo, "status {}; give the URL as it is after redirections",
                exchange.status);
  return std::string(exchange.body.begin(), exchange.body.end());
}

Result<Manifest> ReadManifest(const AttributeOptions& options, const std::string& from) {
  const auto fail = [&](const Error& error) {
    return Fail(error.kind, "--manifest {}: {}", WithoutSecrets(from), error.message);
  };
  const auto text = ReadText(options, from);
  if (!text) return fail(text.error());
  auto manifest = ParseManifest(*text);
  if (!manifest) return fail(manifest.error());
  return manifest;
}

// Those of a collection's manifests, a few evenly from its length, with it.
Result<std::vector<ManifestPage>> PagesOf(const AttributeOptions& options) {
  auto top = ReadManifest(options, options.manifest);
  if (!top) return top.error();
  std::vector<ManifestPage> pages = std::move(top->pages);
  std::optional<Error> last;
  const size_t count = std::min(kManifestsOfCollection, top->manifests.size());
  for (size_t i = 0; i < count; ++i) {
    auto one = ReadManifest(options, top->manifests[i * top->manifests.size() / count]);
    if (!one) {
      last = one.error();
      Complain("iiifbench attribute: {}\n", one.error().message);
      continue;
    }
    pages.insert(pages.end(), one->pages.begin(), one->pages.end());
  }
  if (pages.empty() && last) return *last;
  if (pages.empty())
    return Fail(ErrorKind::kBadInput, "--manifest {}: no page with an image service in it{}",
                WithoutSecrets(options.manifest),
                top->manifests.empty() ? "" : ", nor in the manifests that it names first");
  return pages;
}

Result<void> AddPagesOfManifest(AttributeOptions& options) {
  const auto pages = PagesOf(options);
  if (!pages) return pages.error();
  auto chosen = PagesOfOtherSizes(*pages);
  if (chosen.empty()) chosen.push_back(pages->front());
  if (!options.quiet)
    Complain("{} of the {} pages of {} are asked:\n", chosen.size(), pages->size(),
             WithoutSecrets(options.manifest));
  for (const ManifestPage& page : chosen) {
    if (!options.quiet)
      Complain("  {}{}{}\n", WithoutSecrets(page.url),
               page.size.pixels() > 0 ? fmt::format(", {}x{}", page.size.width, page.size.height)
                                      : std::string(", its size is not said"),
               page.label.empty() ? std::string() : ": " + page.label);
    options.given_urls.push_back(page.url);
  }
  return {};
}

}  // namespace

Result<void> ChooseImages(AttributeOptions& options) {
  if (!options.manifest.empty()) {
    if (!options.server.empty() || !options.sources.empty())
      return Fail(ErrorKind::kBadRequest,
                  "--manifest goes with neither --server nor --source: give URLs in its place");
    auto added = AddPagesOfManifest(options);
    if (!added) return added;
    options.manifest.clear();
  }
  std::vector<std::string> urls;
  for (const std::string& given : options.given_urls) {
    std::string url = ImageUrlOf(given);
    if (std::ranges::find(urls, url) == urls.end()) urls.push_back(std::move(url));
  }
  if (urls.empty()) return {};
  options.url = urls.front();
  if (!options.server.empty()) return {};
  if (urls.size() > 1 && !options.observe.place.empty())
    return Fail(ErrorKind::kBadRequest,
                "--place and more than one URL: both give pictures of other sizes; give one of "
                "them");
  if (!options.sources.empty() && options.sources.size() != urls.size())
    return Fail(ErrorKind::kBadRequest,
                "{} URLs and {} files of --source: give one file for each URL, in their order, or "
                "none",
                urls.size(), options.sources.size());
  const auto first = ParseAddress(urls.front());
  for (size_t i = 1; i < urls.size(); ++i) {
    const auto address = ParseAddress(urls[i]);
    if (first && address && (first->host != address->host || first->port != address->port))
      return Fail(ErrorKind::kBadRequest,
                  "{}: not of the server of {}: pictures of one server are wanted",
                  WithoutSecrets(urls[i]), WithoutSecrets(urls.front()));
    options.observe.others.push_back(
        {urls[i], options.sources.empty() ? std::string() : options.sources[i]});
  }
  return {};
}

std::string ShownOf(const AttributeOptions& options, std::string text) {
  text = WithoutSecretsOf(std::move(text), options.url);
  for (const OtherImage& other : options.observe.others)
    text = WithoutSecretsOf(std::move(text), other.url);
  return text;
}

}  // namespace iiifbench
