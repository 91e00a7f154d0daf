#pragma once
// Which container a fetched segment is in, by its first bytes: what playlists and servers say of it is often wrong. Pure.

#include "base/bytes.hpp"

namespace aircheck::media {

/// html: an HTML or XML page, as captive portals and error handlers send with status 200.
enum class Container { ts, fmp4, webm, packed_audio, html, unknown };

Container sniff(ByteView bytes);

}  // namespace aircheck::media
