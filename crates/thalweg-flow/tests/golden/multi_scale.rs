//! Latents of several scales.

use burn::tensor::Device;
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{
    Activation, Affine, ConvNet, Coupling, ElementwiseAffine, Flow, Identity, InvertibleLinear,
    Level, MultiScale, Permutation, Split, Squeeze,
};

use crate::compare::{Case, Names, compare};
use crate::file::File;
use crate::fixtures::{FlattenScales, SigmoidWithFloor};
use crate::linear::{PackedLu, bias};

type Step = (
    ElementwiseAffine<4>,
    Permutation<4>,
    InvertibleLinear<PackedLu, 4>,
    ElementwiseAffine<4>,
    Coupling<Affine<SigmoidWithFloor>, ConvNet, 4>,
);
type Steps = (Squeeze, Vec<Step>);

/// The library's name of layer `layer` of step `k` at a scale.
fn layer(scale: usize, k: usize, layer: usize) -> String {
    format!("_transforms.{scale}._transforms.{}", 1 + 3 * k + layer)
}

fn steps(scale: usize, file: &File, device: &Device) -> Steps {
    let step = |k| {
        let [actnorm, linear, coupling] = [0, 1, 2].map(|n| layer(scale, k, n));
        let actnorm = ElementwiseAffine::from_parameters(
            file.tensor(&format!("param.{actnorm}.log_scale"), device),
            file.tensor(&format!("param.{actnorm}.shift"), device),
        );
        let order = format!("buffer.{linear}.permutation._permutation");
        let matrix = PackedLu::new(file, &format!("{linear}."), device);
        let names = ["c1", "c2", "c3"].map(|name| format!("{coupling}.transform_net.{name}"));
        let net = file.conv_net(
            names.each_ref().map(String::as_str),
            Activation::Relu,
            device,
        );
        let transformer = Affine::with_scale_map(SigmoidWithFloor {});
        (
            actnorm,
            file.permutation(&order, device),
            InvertibleLinear::new(matrix),
            bias(file, &format!("{linear}.bias"), device),
            Coupling::new(Split::even_odd().alternating(k), transformer, net),
        )
    };
    (Squeeze::new(), (0..2).map(step).collect())
}

fn names() -> Names {
    let scales = ["bijection.0.levels.0.steps", "bijection.0.last"];
    let steps = scales.iter().enumerate().flat_map(|(scale, ours)| {
        (0..2).flat_map(move |k| {
            let ours = format!("{ours}.1.{k}");
            let [actnorm, linear, coupling] = [0, 1, 2].map(|n| layer(scale, k, n));
            [
                (format!("{ours}.0"), actnorm),
                (format!("{ours}.2.form"), linear.clone()),
                (format!("{ours}.3.shift"), format!("{linear}.bias")),
                (
                    format!("{ours}.4.conditioner.first"),
                    format!("{coupling}.transform_net.c1"),
                ),
                (
                    format!("{ours}.4.conditioner.middle"),
                    format!("{coupling}.transform_net.c2"),
                ),
                (
                    format!("{ours}.4.conditioner.last"),
                    format!("{coupling}.transform_net.c3"),
                ),
            ]
        })
    });
    steps.collect()
}

#[test]
fn nflows_multi_scale() {
    compare(
        Case::from("nflows_multiscale_3x8x8").with_f32_tolerance(2e-4),
        |file, device| {
            // The library emits the first half and goes on with the second.
            let split = Split::half().swapped();
            let level = Level::new(steps(0, file, device), Identity::<4> {}, split);
            let scales = MultiScale::new(vec![level], steps(1, file, device));
            let shapes = vec![[6, 4, 4], [24, 2, 2]];
            Flow::new((scales, FlattenScales { shapes }), StandardNormal::new(192))
        },
        &names(),
        &["3.log_scale"],
    );
}
