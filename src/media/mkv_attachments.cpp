#include "media/mkv_attachments.hpp"

#include <algorithm>
#include <array>

#include "media/ebml.hpp"

namespace aircheck::media {
namespace {

using namespace ebml;

struct PictureType {
  std::string_view media_type, name;
  std::string_view begins;  // the file's first bytes
  std::string_view then;    // from the ninth on
};

constexpr std::array kPictureTypes{
    PictureType{"image/jpeg", "cover.jpg", "\xff\xd8\xff", ""},
    PictureType{"image/png", "cover.png", "\x89PNG\r\n\x1a\n", ""},
    PictureType{"image/webp", "cover.webp", "RIFF", "WEBP"},
};
constexpr std::size_t kThen = 8;

// Everything of an attached file up to its data, which are not copied more often than once.
Bytes before_data(const Attachment& attachment, std::uint64_t uid) {
  Bytes out;
  put_uint(out, kFileUid, uid);
  put_text(out, kFileName, attachment.name);
  put_text(out, kFileMediaType, attachment.media_type);
  if (!attachment.description.empty()) put_text(out, kFileDescription, attachment.description);
  put_id(out, kFileData);
  put_size(out, attachment.data.size());
  Bytes all;
  put_id(all, kAttachedFile);
  put_size(all, out.size() + attachment.data.size());
  ByteWriter(all).raw(out);
  return all;
}

}  // namespace

Bytes attachments_element(std::span<const Attachment> attachments) {
  if (attachments.empty()) return {};
  std::vector<Bytes> fronts;
  std::size_t size = 0;
  for (const auto& attachment : attachments) {
    fronts.push_back(before_data(attachment, fronts.size() + 1));
    size += fronts.back().size() + attachment.data.size();
  }
  Bytes out;
  out.reserve(4 + 8 + size);
  put_id(out, kAttachments);
  put_size(out, size);
  ByteWriter writer(out);
  for (std::size_t i = 0; i < fronts.size(); ++i) {
    writer.raw(fronts[i]);
    writer.raw(attachments[i].data);
  }
  return out;
}

std::string_view picture_media_type(ByteView bytes) {
  const auto text = as_text(bytes);
  for (const auto& type : kPictureTypes)
    if (text.starts_with(type.begins) && text.substr(std::min(kThen, text.size())).starts_with(type.then))
      return type.media_type;
  return {};
}

std::string_view cover_name(std::string_view media_type) {
  for (const auto& type : kPictureTypes)
    if (type.media_type == media_type) return type.name;
  return {};
}

}  // namespace aircheck::media
