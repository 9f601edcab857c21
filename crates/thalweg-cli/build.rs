//! Options of the linker for the program that is given away, of the profile `dist`.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let of = |name| std::env::var(name).unwrap_or_default();
    let folder = of("OUT_DIR");
    let is_dist = Path::new(&folder).iter().any(|part| part == "dist");
    // Where Rust brings its own linker, `rust-lld`.
    if is_dist && of("TARGET") == "x86_64-unknown-linux-gnu" {
        // Functions of equal instructions, of which generics make many, become one.
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=all");
        // The places of addresses in a bitmap; glibc reads it since 2.36.
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
