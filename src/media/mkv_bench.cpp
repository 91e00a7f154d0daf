// How fast packets become clusters and fragments packets: `media_bench --benchmark_filter='Mkv|Fmp4'`. Two seconds of 30
// pictures and 47 frames of sound each per second; bytes are those of the payload, which nobody touches.
#include <benchmark/benchmark.h>

#include "media/fmp4.hpp"
#include "media/fmp4_testing.hpp"
#include "media/mkv_cluster.hpp"

namespace aircheck::media {
namespace {

std::vector<Packet> some_packets(ByteView payload) {
  std::vector<Packet> out;
  for (int i = 0; i < 154; ++i) {
    const nanoseconds time = milliseconds{13 * i};
    const auto data = payload.first(i % 5 < 2 ? payload.size() : 340);
    out.push_back({.track = i % 5 < 2 ? 0u : 1u, .key = i % 60 == 0, .pts = time, .dts = time, .data = data});
  }
  return out;
}

void mux(benchmark::State& bench) {
  const Bytes payload(static_cast<std::size_t>(bench.range(0)) * 125 / 30);
  const auto packets = some_packets(payload);
  const std::vector<Track> tracks{{}, {.kind = TrackKind::audio, .codec = Codec::aac}};
  std::uint64_t bytes = 0;
  for (auto _ : bench) {
    auto muxed = mux_clusters(packets, {}, 0, tracks);
    bytes += muxed->bytes;
    benchmark::DoNotOptimize(muxed);
  }
  bench.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(mux)->Name("Mkv/kbit_per_s")->Arg(1'000)->Arg(5'500)->Arg(20'000);

Bytes make_fragment(std::uint32_t samples, std::uint32_t size) {
  const auto moof = [&](std::uint32_t data) {
    auto run = u32(samples) + u32(data);
    for (std::uint32_t i = 0; i < samples; ++i) run = run + u32(40) + u32(size) + u32(i == 0 ? 0 : 0x10000) + u32(80);
    return make_moof(make_traf(make_tfhd(1), 1'000, make_full_box("trun", 1, 0xf01, run)));
  };
  return moof(static_cast<std::uint32_t>(moof(0).size() + 8)) + make_box("mdat", zeroes(std::size_t{samples} * size));
}

void demux(benchmark::State& bench) {
  const auto init = parse_fmp4_init(make_moov({{}}));
  const auto fragment = make_fragment(60, static_cast<std::uint32_t>(bench.range(0)) * 125 / 30);
  for (auto _ : bench) {
    auto segment = demux_fmp4(*init, fragment);
    if (!segment) bench.SkipWithError("the fragment cannot be read");
    benchmark::DoNotOptimize(segment);
  }
  bench.SetBytesProcessed(static_cast<std::int64_t>(bench.iterations() * fragment.size()));
}
BENCHMARK(demux)->Name("Fmp4/kbit_per_s")->Arg(1'000)->Arg(5'500)->Arg(20'000);

}  // namespace
}  // namespace aircheck::media
