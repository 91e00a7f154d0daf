#include "media/fmp4_box.hpp"
#include "media/stream_cutter.hpp"

namespace aircheck::media {
namespace {

class Fmp4Cutter final : public StreamCutter {
 public:
  Result<std::optional<Cut>> next(ByteView held) override {
    while (at_ < held.size()) {
      if (ByteReader in(held.subspan(at_)); in.u32() == 0 && in.ok())
        return fail(ErrorKind::unsupported, "an MP4 box without an end: this is no fragmented MP4");
      BoxReader boxes(held.subspan(at_));
      const auto box = boxes.next();
      if (!box && boxes.cut_type() == box_type("mdat") && !fragmented_) return not_fragmented();
      if (!box) break;
      const auto end = static_cast<std::size_t>(box->body.data() + box->body.size() - held.data());
      if (box->type == box_type("mdat") && !fragmented_) return not_fragmented();
      fragmented_ |= box->type == box_type("moof");
      if (box->type == box_type("ftyp")) return cut(end, Cut::Part::header);
      if (box->type == box_type("moov")) return cut(end, Cut::Part::more);
      if (box->type == box_type("mdat")) return cut(end, Cut::Part::media);
      at_ = end;
    }
    return std::optional<Cut>{};
  }
  bool rest_is_media() const override { return false; }  // a fragment that is not whole

 private:
  std::optional<Cut> cut(std::size_t end, Cut::Part part) {
    at_ = 0;
    return Cut{end, part};
  }

  static std::unexpected<Error> not_fragmented() {
    return fail(ErrorKind::unsupported, "an MP4 that is not fragmented cannot be recorded while it comes in");
  }

  std::size_t at_ = 0;
  bool fragmented_ = false;
};

}  // namespace

std::unique_ptr<StreamCutter> make_fmp4_cutter() { return std::make_unique<Fmp4Cutter>(); }

}  // namespace aircheck::media
