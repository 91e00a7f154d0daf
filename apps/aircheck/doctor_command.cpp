// aircheck doctor: is everything there that recording needs, and what to do where it is not.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "aircheck/commands.hpp"
#include "aircheck/data_folder.hpp"
#include "aircheck/doctor.hpp"
#include "aircheck/terminal.hpp"
#include "base/json.hpp"

namespace aircheck::apps {
namespace {

struct DoctorParameters {
  DoctorOptions options;
  bool json = false;
};

Style style_of(Health health) {
  return health == Health::ok ? Style::green : health == Health::warn ? Style::yellow : Style::red;
}

void print(const Finding& finding) {
  constexpr std::size_t indent = 18;
  const bool colours = use_colours(STDOUT_FILENO);
  const auto width = std::max<std::size_t>(terminal_width(STDOUT_FILENO), 2 * indent) - indent;
  fmt::print("{}  {:<12}", styled(fmt::format("{:<4}", to_string(finding.health)), style_of(finding.health), colours),
             finding.name);
  const auto print_lines = [&](std::string_view text, bool begun) {
    for (const auto& line : wrap(text, width))
      fmt::print("{}{}\n", std::exchange(begun, false) ? "" : std::string(indent, ' '), line);
  };
  print_lines(printable(finding.found), true);
  if (!finding.remedy.empty()) print_lines("→ " + finding.remedy, false);
  std::fflush(stdout);
}

int run_doctor(const DoctorParameters& parameters) {
  auto worst = Health::ok;
  auto findings = nlohmann::json::array();
  for (const auto& check : checks(parameters.options)) {
    const auto finding = check();
    worst = std::max(worst, finding.health);
    findings.push_back({{"name", finding.name},
                        {"health", to_string(finding.health)},
                        {"found", finding.found},
                        {"remedy", finding.remedy}});
    if (!parameters.json) print(finding);
  }
  if (parameters.json) {
    const nlohmann::json report{
        {"version", AIRCHECK_VERSION}, {"health", to_string(worst)}, {"checks", std::move(findings)}};
    fmt::print("{}\n", report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return worst == Health::fail ? 1 : 0;
}

}  // namespace

void add_doctor(CLI::App& app, int& exit_code) {
  const auto parameters = std::make_shared<DoctorParameters>();
  auto* const command =
      app.add_subcommand("doctor", "Look whether everything is there that recording needs")->group("Help");
  parameters->options.data = default_data_folder();
  command->add_option("--data", parameters->options.data, "Folder of the server's database and recordings")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--json", parameters->json, "JSON on standard output, for other programs");
  add_recording_options(*command, parameters->options.recording);
  command->footer(
      "Give the options with which you record. Exit status: 1 when something must be mended, else 0.\n\n"
      "Examples:\n"
      "  aircheck doctor\n"
      "  aircheck doctor --proxy http://proxy.example:8080 --data /srv/recordings");
  command->callback([parameters, &exit_code] { exit_code = run_doctor(*parameters); });
}

}  // namespace aircheck::apps
