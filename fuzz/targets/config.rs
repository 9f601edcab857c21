//! Files of `thalweg fit --config`.
#![no_main]
#![recursion_limit = "256"]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    thalweg_command::check_config(text).ok();
});
