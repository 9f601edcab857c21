//! Damage to checkpoints. `PROPTEST_CASES` is the number of cases of each test.

use std::collections::BTreeMap;

use burn::tensor::{DType, Device};
use proptest::prelude::*;
use safetensors::SafeTensors;
use safetensors::tensor::{TensorView, serialize};
use thalweg_convert::{Options, Source, convert_bytes};
use thalweg_mutate::{cases, damaged, damages};

use crate::vectors;

const FILES: [(Source, &str); 20] = [
    (Source::Normflows, "normflows_circular"),
    (Source::Normflows, "normflows_circular_context"),
    (Source::Normflows, "normflows_residual"),
    (Source::Nflows, "nflows_mixture"),
    (Source::Nflows, "nflows_nsf_norm_context"),
    (Source::Nflows, "nflows_maf_residual_context"),
    (Source::Nflows, "nflows_one_context"),
    (Source::Normflows, "normflows_spline_autoregressive_context"),
    (Source::Zuko, "zuko_nsf_residual_context"),
    (Source::Nflows, "nflows_affine"),
    (Source::Nflows, "nflows_maf"),
    (Source::Nflows, "nflows_spline"),
    (Source::Normflows, "normflows_realnvp"),
    (Source::Normflows, "normflows_spline"),
    (Source::Normflows, "normflows_planar_radial"),
    (Source::Zuko, "zuko_maf"),
    (Source::Zuko, "zuko_nice"),
    (Source::GlowPytorch, "glow_pytorch_full"),
    (Source::GlowPytorch, "glow_pytorch_additive"),
    (Source::Normflows, "normflows_glow"),
];

/// Reads a checkpoint as one of a library: it may be sound, but may not panic.
fn read(bytes: &[u8], source: Source) {
    let options: Options = "without_tensors = \"identity\"".parse().unwrap();
    let found = convert_bytes(bytes, source, &options, &Device::default(), DType::F32);
    found.ok();
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn of_bytes(of in 0..FILES.len(), other in 0..FILES.len(), damages in damages()) {
        let (source, name) = FILES[of];
        let file = std::fs::read(vectors(name)).unwrap();
        let other = std::fs::read(vectors(FILES[other].1)).unwrap();
        read(&damaged(&file, &damages, &other), source);
    }

    /// Tensors under the name of others, of another shape, and with other numbers.
    #[test]
    fn of_tensors(
        of in 0..FILES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3_u8), 1..4),
    ) {
        let (source, name) = FILES[of];
        let bytes = std::fs::read(vectors(name)).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let mut all: BTreeMap<String, TensorView<'_>> = file.tensors().into_iter().collect();
        let names: Vec<String> = all.keys().cloned().collect();
        for (from, to, edit) in edits {
            let (from, to) = (from.get(&names), to.get(&names));
            let Some(tensor) = all.get(from).cloned() else {
                continue;
            };
            let count: usize = tensor.shape().iter().product();
            match edit {
                0 => all.insert(to.clone(), tensor),
                1 => all.remove(from),
                _ => {
                    let flat = TensorView::new(tensor.dtype(), vec![count, 1], tensor.data());
                    let flat = flat.unwrap();
                    // The bytes live as long as the file.
                    all.insert(from.clone(), flat)
                }
            };
        }
        read(&serialize(all, None).unwrap(), source);
    }
}
