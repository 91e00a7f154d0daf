# Warnings as errors, ccache, mold, sanitizers: what holds for every target.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths relative to the project, so that another clone of it finds what this one has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
                                  CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror)
# Designated initialisers name what differs from the defaults; the rest is meant to be left out.
add_compile_options(-Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positives of g++ 12 on optional and variant, and on inlined string concatenation.
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
else()
  # clang charges us with what libstdc++'s std::stable_sort calls. What we call ourselves, g++ tells.
  add_compile_options(-Wno-deprecated-declarations)
  add_compile_options(SHELL:-Xclang -fno-pch-timestamp) # ccache takes another time for another header
endif()

find_program(MOLD mold)
if(MOLD AND NOT CMAKE_CROSSCOMPILING) # a cross-compiler looks for it by another name
  add_link_options(-fuse-ld=mold)
endif()

if(AIRCHECK_SANITIZE)
  add_compile_options(-fsanitize=${AIRCHECK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${AIRCHECK_SANITIZE})
endif()
if(AIRCHECK_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link) # counts what is reached; only the targets themselves are linked with the fuzzer
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF)
  add_compile_options(-ffunction-sections -fdata-sections -fstack-protector-strong -D_FORTIFY_SOURCE=2)
  add_link_options(-Wl,--gc-sections -Wl,--as-needed -Wl,-z,relro,-z,now)
endif()
