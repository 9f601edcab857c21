//! Masked autoregressive flows.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{
    Activation, Affine, Autoregressive, Degrees, Flow, MaskedMlp, RationalQuadratic, SoftBounded,
    Transformer, WithContext,
};

use crate::compare::{Case, Names, compare, compare_given};
use crate::file::File;
use crate::fixtures::SoftplusWithFloor;

/// The hidden units of the library's layers see the first of these many features in the order.
fn degrees(file: &File, name: &str) -> Vec<usize> {
    let numbers = file.numbers(&format!("degrees.{name}")).iter();
    numbers.map(|degree| *degree as usize).collect()
}

/// The features in their order, or reversed in every other transform.
fn order(features: usize, transform: usize) -> Vec<usize> {
    match transform % 2 {
        0 => (0..features).collect(),
        _ => (0..features).rev().collect(),
    }
}

const ZUKO_TRANSFORMS: usize = 3;

/// zuko's network of two hidden layers, the same degrees in both.
fn zuko(
    file: &File,
    [features, context, parameters]: [usize; 3],
    device: &Device,
) -> Vec<MaskedMlp> {
    let network = |transform: usize| {
        let name = format!("transform.transforms.{transform}.hyper");
        let layers = [0, 2, 4].map(|n| file.linear(&format!("{name}.{n}"), device));
        let hidden = vec![degrees(file, &format!("{name}.0")); 2];
        let degrees = Degrees::new(order(features, transform), context, parameters, hidden);
        MaskedMlp::from_layers(layers.into(), degrees, Activation::Relu)
    };
    (0..ZUKO_TRANSFORMS).map(network).collect()
}

/// Paths of the networks' layers, `inner` behind the conditioner, and zuko's names.
fn zuko_names(inner: &str) -> Names {
    let names = |transform: usize| {
        let pair = move |(ours, theirs): (usize, usize)| {
            let ours = format!("bijection.{transform}.network{inner}.layers.{ours}");
            let theirs = format!("transform.transforms.{transform}.hyper.{theirs}");
            (ours, theirs)
        };
        [(0, 0), (1, 2), (2, 4)].map(pair)
    };
    (0..ZUKO_TRANSFORMS).flat_map(names).collect()
}

fn flow<T: Transformer, N: Module + ModuleDisplay>(
    networks: Vec<N>,
    transformer: impl Fn() -> T,
    features: usize,
) -> Flow<Vec<Autoregressive<T, N>>, StandardNormal> {
    let layer = |network| Autoregressive::new(transformer(), network);
    let layers = networks.into_iter().map(layer).collect();
    Flow::new(layers, StandardNormal::new(features))
}

/// `s / (1 + |s| / ln 1000)`.
fn zuko_affine() -> Affine {
    Affine::with_scale_map(SoftBounded::new(1e3f64.ln()))
}

fn zuko_spline() -> RationalQuadratic {
    RationalQuadratic::soft_bounded(6, 5.0, 1e-3)
}

fn with_context(networks: Vec<MaskedMlp>) -> Vec<WithContext<MaskedMlp>> {
    networks.into_iter().map(WithContext::new).collect()
}

fn context(kind: &crate::compare::Kind) -> Tensor<2> {
    kind.file.tensor("context", &kind.device)
}

#[test]
fn zuko_affine_autoregressive() {
    let build = |file: &File, device: &Device| flow(zuko(file, [5, 0, 2], device), zuko_affine, 5);
    let case = Case::from("zuko_maf_d5").with_f32_tolerance(1e-4);
    compare(case, build, &zuko_names(""), &[]);
}

#[test]
fn zuko_affine_autoregressive_under_a_condition() {
    let build = |file: &File, device: &Device| {
        let networks = with_context(zuko(file, [5, 3, 2], device));
        flow(networks, zuko_affine, 5)
    };
    let case = Case::from("zuko_maf_d5_c3").with_f32_tolerance(1e-4);
    compare_given(case, context, build, &zuko_names(".network"), &[]);
}

#[test]
fn zuko_spline_autoregressive() {
    let build = |file: &File, device: &Device| flow(zuko(file, [4, 0, 17], device), zuko_spline, 4);
    let case = Case::from("zuko_nsf_d4").with_f32_tolerance(1e-3);
    compare(case, build, &zuko_names(""), &[]);
}

#[test]
fn zuko_spline_autoregressive_under_a_condition() {
    let build = |file: &File, device: &Device| {
        let networks = with_context(zuko(file, [4, 3, 17], device));
        flow(networks, zuko_spline, 4)
    };
    let case = Case::from("zuko_nsf_d4_c3").with_f32_tolerance(1e-3);
    compare_given(case, context, build, &zuko_names(".network"), &[]);
}

/// Residual blocks; nflows gives the scale before the shift.
#[test]
fn nflows_residual_autoregressive() {
    const LAYERS: [&str; 6] = [
        "initial_layer",
        "blocks.0.linear_layers.0",
        "blocks.0.linear_layers.1",
        "blocks.1.linear_layers.0",
        "blocks.1.linear_layers.1",
        "final_layer",
    ];
    let name = |transform: usize| format!("_transforms.{transform}.autoregressive_net");
    let network = |file: &File, transform: usize, device: &Device| {
        let name = name(transform);
        let layers = LAYERS.map(|layer| file.linear(&format!("{name}.{layer}"), device));
        let hidden = vec![degrees(file, &format!("{name}.initial_layer")); 5];
        let degrees = Degrees::new((0..5).collect(), 0, 2, hidden).residual();
        MaskedMlp::from_layers(layers.into(), degrees, Activation::Relu)
    };
    let build = |file: &File, device: &Device| {
        let networks = (0..2).map(|transform| network(file, transform, device));
        let affine = || Affine::with_scale_map(SoftplusWithFloor::default());
        flow(networks.collect(), affine, 5)
    };
    let names = (0..2).flat_map(|transform| {
        let pair = move |(index, layer): (usize, &&str)| {
            let ours = format!("bijection.{transform}.network.layers.{index}");
            (ours, format!("{}.{layer}", name(transform)))
        };
        LAYERS.iter().enumerate().map(pair).collect::<Vec<_>>()
    });
    let case = Case::from("nflows_maf_residual_d5").with_f32_tolerance(1e-4);
    compare(case, build, &names.collect(), &[]);
}
