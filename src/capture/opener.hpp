#pragma once
// Opens a fetched segment: decrypts it, finds out its container, demuxes it with the right init section, and looks whether
// it is whole. Carries the demuxer's state from segment to segment, so segments are opened in order. Not thread-safe.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "capture/resources.hpp"
#include "media/fmp4.hpp"
#include "media/packet.hpp"
#include "media/playlist.hpp"
#include "media/ts_unpacker.hpp"
#include "media/webm.hpp"
#include "net/loop.hpp"

namespace aircheck::capture {

struct Opened {
  media::DemuxedSegment media;
  Bytes raw;               // what media's packets borrow from, where that is the segment's own bytes
  std::size_t damage = 0;  // transport errors seen inside
  nanoseconds span{0};     // what the main track really covers
  nanoseconds frame{0};    // usual distance of its frames
};

class Opener {
 public:
  Opener(net::Loop& loop, std::function<void()> on_change) : resources_(loop, std::move(on_change)) {}

  void restore(std::string_view state);
  /// After opening a segment: what restore() takes.
  std::string state() const;
  /// Before a discontinuity: the clocks begin anew.
  void reset();
  /// As if the last successful open() had not been: the segment will be fetched and opened again.
  void undo();

  /// A segment as fetched: its bytes, and whether they have been decrypted since; or unpacked while it came in.
  struct Body {
    Bytes bytes;
    bool plain = false;
    std::unique_ptr<media::TsUnpacker> ts;

    std::size_t size() const { return ts ? ts->bytes() : bytes.size(); }
  };

  /// Nothing while a key or init section is still on its way. `body` is decrypted in place, and taken by a result that borrows
  /// from it; what is left there may be reused. Errors leave the carried state untouched: `corrupt` (ask again), `unsupported` (a method of encryption or codec), others when a
  /// key or init section cannot be had.
  Result<std::optional<Opened>> open(const media::MediaSegment& segment, Body& body,
                                     const std::vector<std::string>& headers, milliseconds patience);

 private:
  Result<bool> decrypt(const media::MediaSegment& segment, Body& body, const std::vector<std::string>& headers,
                       milliseconds patience);
  Result<bool> load_init(const media::MediaSegment& segment, const std::vector<std::string>& headers,
                         milliseconds patience);
  Result<Opened> demux(Body& body);
  Result<Opened> finish_ts(media::TsUnpacker& ts);
  Result<Opened> demux_fragment(Bytes& body);
  Result<Opened> demux_clusters(Bytes& body);

  Resources resources_;
  media::TsState ts_, before_;
  std::set<std::string> told_;  // streams left out, each said once
  std::string init_key_;
  std::optional<media::Fmp4Init> init_;
  std::optional<media::WebmInit> webm_;
};

}  // namespace aircheck::capture
