#pragma once
// What a recording costs in an AWS account, by estimate: the recorder's task, its requests, and storage. List prices without
// free tiers and discounts; the image's pull, logs and traffic to viewers are left out. Pure.

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "core/job.hpp"

namespace aircheck {

/// US dollars. These hold for us-east-1 on demand, as listed in November 2025; Fargate's for Linux on the architecture that
/// the program is built for. Elsewhere, and on Spot, say others.
struct Prices {
#ifdef __aarch64__
  double vcpu_hour = 0.03238;  // Fargate
  double gb_hour = 0.00356;    // Fargate, of memory
#else
  double vcpu_hour = 0.04048;
  double gb_hour = 0.004445;
#endif
  double address_hour = 0.005;     // a public IPv4 address
  double s3_write = 0.005e-3;      // PUT, POST, LIST; S3 Standard
  double s3_read = 0.0004e-3;      // GET, HEAD; DELETE is free
  double s3_gb_month = 0.023;      // the first 50 TB
  double dynamo_write = 0.625e-6;  // one unit: 1 KB, on demand
  double dynamo_read = 0.125e-6;   // one unit: 4 KB, strongly consistent
};

/// The defaults with others for those named: "vcpu_hour=0.046,s3_gb_month=0.0245". `invalid_input` for anything else.
Result<Prices> prices_from(std::string_view text);

/// What one recorder has used.
struct Usage {
  milliseconds task{0};
  double vcpus = 0, memory_gb = 0;  // of its task; none: a machine of one's own
  std::uint64_t s3_writes = 0, s3_reads = 0;
  std::uint64_t dynamo_writes = 0, dynamo_reads = 0;  // units
  std::uint64_t stored = 0;                           // bytes of the recording
};

Cost estimate(const Usage& usage, const Prices& prices);
/// What the recorders before have cost, and this one; stored is what is stored now.
Cost with(const Cost& before, const Cost& now);

}  // namespace aircheck
