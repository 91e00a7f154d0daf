// How fast segments are demuxed: `media_bench --benchmark_filter=Ts`. The content is made on the spot: 2 s of 5.5 Mb/s H.264-like
// noise at 30 frames/s and AAC-like frames at 48 kHz, muxed as HLS packagers do.
#include <benchmark/benchmark.h>

#include "media/ts.hpp"
#include "media/ts_testing.hpp"

namespace aircheck::media {
namespace {

void demux_segment(benchmark::State& bench) {
  const auto segment = make_live_segment(bench.range(0) * 125 / 30, 60);
  TsState state;
  for (auto _ : bench) {
    auto result = demux_ts(segment, state);
    if (!result || state.damage != 0) bench.SkipWithError("the segment cannot be read");
    benchmark::DoNotOptimize(result);
  }
  bench.SetBytesProcessed(static_cast<std::int64_t>(bench.iterations() * segment.size()));
}
BENCHMARK(demux_segment)->Name("Ts/kbit_per_s")->Arg(1'000)->Arg(5'500)->Arg(20'000);

}  // namespace
}  // namespace aircheck::media
