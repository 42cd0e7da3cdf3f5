# The flags that every target of ours is built with. `renki_flags` is an interface target: nothing is global.
set(RENKI_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined")
option(RENKI_COVERAGE "Count which lines ran" OFF)
option(RENKI_FUZZ "Build the fuzzers (clang)" OFF)

set(CMAKE_C_FLAGS_RELEASE "") # the flags below say it all
set(CMAKE_C_FLAGS_DEBUG "")

add_library(renki_flags INTERFACE)
target_include_directories(renki_flags INTERFACE ${PROJECT_SOURCE_DIR}/runner)
target_compile_features(renki_flags INTERFACE c_std_17)
target_compile_definitions(renki_flags INTERFACE _GNU_SOURCE)
target_compile_options(renki_flags INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
  -Wpointer-arith -Wcast-qual -Wwrite-strings -Wno-missing-field-initializers
  -fno-strict-aliasing -fno-common)

if(CMAKE_C_COMPILER_ID STREQUAL "GNU") # cutting by snprintf is what we mean; gcc alone knows this warning
  target_compile_options(renki_flags INTERFACE -Wno-format-truncation)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Full hardening: position independent, read-only relocations, stack protector, FORTIFY 3, control-flow enforcement.
  target_compile_options(renki_flags INTERFACE
    -O2 -g1 -fPIE -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(renki_flags INTERFACE -fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    target_compile_options(renki_flags INTERFACE -mbranch-protection=standard)
  endif()
  target_link_options(renki_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
else()
  target_compile_options(renki_flags INTERFACE -O1 -g -fno-omit-frame-pointer)
endif()
if(RENKI_SANITIZE)
  target_compile_options(renki_flags INTERFACE -fsanitize=${RENKI_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(renki_flags INTERFACE -fsanitize=${RENKI_SANITIZE})
  target_compile_definitions(renki_flags INTERFACE RENKI_SANITIZED=1)
endif()
if(RENKI_COVERAGE)
  target_compile_options(renki_flags INTERFACE --coverage)
  target_link_options(renki_flags INTERFACE --coverage)
endif()
