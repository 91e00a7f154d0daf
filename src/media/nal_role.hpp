#pragma once
// What a NAL unit means for cutting a stream into access units, whatever the codec. Plain value.

#include <cstdint>

namespace aircheck::media {

struct NalRole {
  enum class Set { none, video, sequence, picture };
  bool delimits = false;  // cannot stand after a picture's slices: what follows is the next access unit
  bool slice = false;
  bool is_idr = false;          // slice of a picture at which decoding may begin
  bool recovery_point = false;  // says the same of the picture that follows
  std::uint32_t position = 0;   // of a slice: that of its first block; one not beyond the last begins a picture
  Set set = Set::none;          // the kind of parameter set
};

}  // namespace aircheck::media
