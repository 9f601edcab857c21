//! The models as shipped run fused operations on each backend of the CPU: counted.

use crate::common::levels;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::Noise;
use thalweg_kernels::counts::Counts;
use thalweg_models::variational::ElboLoss;
use thalweg_models::{
    AutoregressiveFlowConfig, CouplingFlowConfig, CouplingStyle, FvaeConfig, GlowConfig, ImageSize,
    NiceConfig, RealNvpConfig, VaeConfig,
};

fn devices() -> impl Iterator<Item = Device> {
    cpu_devices().into_iter().map(Device::autodiff)
}

/// Whether operations are counted. A build without debug assertions does not count.
fn is_counted() -> bool {
    if !cfg!(debug_assertions) {
        println!("skipped: operations are not counted without debug assertions");
    }
    cfg!(debug_assertions)
}

/// The counts of a training step: its loss, and the gradients of it.
fn counts_of(loss: impl FnOnce() -> Tensor<1>) -> Counts {
    Counts::take();
    loss().backward();
    Counts::take()
}

/// Each coupling is one fused map of the features that it transforms, where they lie: nothing is taken out
/// of a tensor, merged, or left to a chain of operations.
#[track_caller]
fn assert_fused(counts: &Counts, couplings: usize) {
    assert_eq!(counts.of("MapOp"), couplings, "{counts:?}");
    assert_eq!(counts.of("::Merge"), 0, "{counts:?}");
    assert_eq!(counts.chains.len(), 0, "{counts:?}");
}

#[test]
fn flows_of_vectors_in_every_style() {
    if !is_counted() {
        return;
    }
    for device in devices() {
        let (bins, bound) = (5, 3.0);
        for style in [
            CouplingStyle::Additive,
            CouplingStyle::Affine,
            CouplingStyle::SigmoidShift,
            CouplingStyle::Spline { bins, bound },
            CouplingStyle::CircularSpline { bins, bound },
        ] {
            for features in [2, 7] {
                let config = CouplingFlowConfig::new(features, style).with_couplings(3);
                let flow = config.with_hidden(vec![8]).init(&device);
                let x = Noise::seeded(1).normal([9, features], &device, DType::F32);
                let counts = counts_of(|| flow.loss(x));
                assert_fused(&counts, 3);
            }
        }
    }
}

/// A linear map of many features is one operation on its factors, in both directions: no matrix is multiplied together,
/// and none is inverted.
#[test]
fn wide_flows_go_through_factors() {
    if !is_counted() {
        return;
    }
    for device in devices() {
        for (features, by_factors) in [(40, 0), (130, 3)] {
            let config = CouplingFlowConfig::realnvp(features).with_couplings(3);
            let flow = config.with_hidden(vec![8]).init(&device);
            let x = Noise::seeded(1).normal([9, features], &device, DType::F32);
            let of_step = counts_of(|| flow.loss(x));
            let x = flow.sample(9, 1.0, &mut Noise::seeded(2));
            assert_eq!(x.dims(), [9, features]);
            for counts in [of_step, Counts::take()] {
                assert_fused(&counts, 3);
                assert_eq!(counts.of("::PluMap"), by_factors, "{counts:?}");
                assert_eq!(counts.of("::ChannelMix"), 3 - by_factors, "{counts:?}");
            }
        }
    }
}

/// Each transform is one fused map of all features, and its network one fused chain of layers.
#[test]
fn autoregressive_flows() {
    if !is_counted() {
        return;
    }
    for device in devices() {
        for config in [
            AutoregressiveFlowConfig::maf(5),
            AutoregressiveFlowConfig::nsf_ar(5),
        ] {
            let flow = config.with_transforms(3).with_hidden(vec![8]).init(&device);
            let x = Noise::seeded(1).normal([9, 5], &device, DType::F32);
            let counts = counts_of(|| flow.loss(x));
            assert_fused(&counts, 3);
        }
    }
}

#[test]
fn nice_of_both_styles() {
    if !is_counted() {
        return;
    }
    for device in devices() {
        for config in [NiceConfig::paper(6, 17), NiceConfig::blog(6, 17)] {
            let nice = config.with_hidden(8).with_depth(2).init(&device);
            let x = levels([5, 6], 17, 1, &device);
            let counts = counts_of(|| nice.loss(x, &mut Noise::seeded(2)).unwrap());
            assert!(counts.of("MapOp") > 0);
            assert_eq!(counts.chains.len(), 0, "{counts:?}");
            assert_eq!(counts.of("::Merge"), 0, "{counts:?}");
        }
    }
}

/// Images of 8 × 8.
fn images(device: &Device) -> Tensor<4> {
    levels([4, 3 * 64], 256, 3, device).reshape([4, 3, 8, 8])
}

#[test]
fn glow_of_both_styles() {
    if !is_counted() {
        return;
    }
    for device in devices() {
        let size = ImageSize::new([3, 8, 8]);
        for config in [GlowConfig::openai(size), GlowConfig::blog(size)] {
            let config = config.with_scales(2).with_depth(2).with_hidden(8);
            let glow = config.init(&device);
            let x = images(&device);
            let counts = counts_of(|| glow.loss(x, &mut Noise::seeded(2)).unwrap());
            // Two scales of two steps, and the split prior between the scales.
            assert!(counts.of("MapOp") >= 4, "{counts:?}");
            assert_eq!(counts.chains.len(), 0, "{counts:?}");
            assert_eq!(counts.of("::Merge"), 0, "{counts:?}");
        }
    }
}

#[test]
fn realnvp_of_images() {
    if !is_counted() {
        return;
    }
    for device in devices() {
        let config = RealNvpConfig::paper(ImageSize::new([3, 8, 8])).with_scales(2);
        let flow = config.with_hidden(8).init(&device);
        let x = images(&device);
        let counts = counts_of(|| flow.loss(x, &mut Noise::seeded(2)).unwrap());
        assert!(counts.of("MapOp") > 0, "{counts:?}");
        assert_eq!(counts.chains.len(), 0, "{counts:?}");
    }
}

/// The autoencoders: their networks, their likelihoods, and the flow of an f-VAE.
#[test]
fn autoencoders() {
    if !is_counted() {
        return;
    }
    for device in devices() {
        let size = ImageSize::new([1, 8, 8]);
        let vae = VaeConfig::bernoulli(ImageSize { levels: 2, ..size }, 3).init(&device);
        let x = levels([4, 64], 2, 3, &device);
        let (loss, noise) = (ElboLoss::default(), &mut Noise::seeded(2));
        let counts = counts_of(|| vae.loss(x, &(), &loss, noise).unwrap());
        assert_eq!(counts.chains.len(), 0, "{counts:?}");
        assert!(counts.of("Bernoulli") == 1, "{counts:?}");

        let mut config = FvaeConfig::fvae_small(size).with_stages(vec![4, 8]);
        (config.flow.scales, config.flow.depth, config.flow.hidden) = (1, 1, 4);
        let fvae = config.init(&device);
        let x = levels([4, 64], 256, 3, &device).reshape([4, 1, 8, 8]);
        let counts = counts_of(|| fvae.loss(x, &mut Noise::seeded(2)).unwrap());
        assert!(counts.of("MapOp") > 0, "{counts:?}");
        assert_eq!(counts.chains.len(), 0, "{counts:?}");
    }
}

/// In f64 each operation says why it is a chain.
#[test]
fn other_types_are_chains() {
    if !is_counted() {
        return;
    }
    for device in devices() {
        let flow = CouplingFlowConfig::realnvp(4).init(&device);
        let flow = thalweg_flow::precision::cast(flow, DType::F64).unwrap();
        let x = Noise::seeded(1).normal([9, 4], &device, DType::F64);
        let counts = counts_of(|| flow.loss(x));
        assert!(counts.fused.is_empty(), "{counts:?}");
        assert!(
            counts.chains.contains_key("the tensors are not f32"),
            "{counts:?}"
        );
    }
}
