#pragma once
// Files inside a Matroska file (RFC 9559, Attachments): one element at the segment's top level, which may stand anywhere
// between its clusters as long as the SeekHead tells where (HeadInfo::attachments). Pure.

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace aircheck::media {

struct Attachment {
  std::string name;  // of the file; "cover.jpg" and "cover.png" are what players show for the whole
  std::string media_type;
  std::string description;  // may be empty
  ByteView data;            // borrowed
};

/// Empty where there is nothing to attach.
Bytes attachments_element(std::span<const Attachment> attachments);

/// "image/jpeg", "image/png" or "image/webp" by the picture's first bytes; empty for anything else.
std::string_view picture_media_type(ByteView bytes);

/// The name under which players find such a picture; empty where the type is none of ours.
std::string_view cover_name(std::string_view media_type);

}  // namespace aircheck::media
