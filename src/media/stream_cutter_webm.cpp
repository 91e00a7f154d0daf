#include <utility>

#include "media/ebml.hpp"
#include "media/ebml_reader.hpp"
#include "media/stream_cutter.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

constexpr std::size_t kLongestHeader = 12;  // of an element

class WebmCutter final : public StreamCutter {
 public:
  Result<std::optional<Cut>> next(ByteView held) override {
    while (at_ < held.size()) {
      const auto rest = held.subspan(at_);
      ElementReader elements(rest);
      const auto element = elements.next();
      if (!element && rest.size() >= kLongestHeader) return fail(ErrorKind::corrupt, "what yt-dlp sends is no WebM");
      if (!element) break;
      const auto body = static_cast<std::size_t>(element->body.data() - held.data());
      const bool begins = element->id == kCluster || element->id == kEbml;
      if (begins && at_ > 0) return cut(in_cluster_ ? Cut::Part::media : Cut::Part::header);
      // Stepped into: what follows a cluster is told by its id, whether its own size is known or not.
      const bool stepped_into = element->id == kSegment || element->id == kCluster || element->unknown_size;
      if (!stepped_into && elements.too_long()) break;
      in_cluster_ |= element->id == kCluster;
      at_ = stepped_into ? body : body + element->body.size();
    }
    return std::optional<Cut>{};
  }
  bool rest_is_media() const override { return in_cluster_; }

 private:
  std::optional<Cut> cut(Cut::Part part) {
    in_cluster_ = false;
    return Cut{std::exchange(at_, 0), part};
  }

  std::size_t at_ = 0;
  bool in_cluster_ = false;  // else in a header
};

}  // namespace

std::unique_ptr<StreamCutter> make_webm_cutter() { return std::make_unique<WebmCutter>(); }

}  // namespace aircheck::media
