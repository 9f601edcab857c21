//! The enums of the shipped models give the numbers of the layers that they hold, to the bit.

use crate::common::host;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{
    Additive, Affine, Bijection, Coupling, Full, Invertible1x1, LogDet, MlpConfig, Noise,
    Permutation, RationalQuadratic, SigmoidShift, Split, Transformer,
};
use thalweg_models::coupling_flow::CouplingTransformer;
use thalweg_models::glow::Mix;

fn normal<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    Noise::seeded(seed).normal(shape, device, DType::F32)
}

fn assert_same<const D: usize>(one: (Tensor<D>, LogDet), other: (Tensor<D>, LogDet)) {
    assert_eq!(host(one.0), host(other.0));
    assert_eq!(host(one.1), host(other.1));
}

/// Each transformer as a layer and as the enum, given to `compare`.
macro_rules! each_transformer {
    (|$layer:ident, $chosen:ident| $compare:expr) => {{
        let ($layer, $chosen) = (
            Additive::new(),
            CouplingTransformer::Additive(Additive::new()),
        );
        $compare;
        let ($layer, $chosen) = (Affine::new(), CouplingTransformer::Affine(Affine::new()));
        $compare;
        let $layer = Affine::with_scale_map(SigmoidShift::default());
        let $chosen = CouplingTransformer::Sigmoid($layer.clone());
        $compare;
        let $layer = RationalQuadratic::new(8, 3.0);
        let $chosen = CouplingTransformer::Spline($layer.clone());
        $compare;
    }};
}

#[test]
fn transformers_of_parts_are_those_of_their_layers() {
    for device in cpu_devices() {
        let (x, split) = (normal([6, 5], 0, &device), Split::even_odd());
        each_transformer!(|layer, chosen| {
            let each = layer.parameters_per_feature();
            assert_eq!(chosen.parameters_per_feature(), each);
            let parameters = normal([6, 2 * each], 1, &device);
            assert_same(
                chosen.forward_part(x.clone(), split, parameters.clone()),
                layer.forward_part(x.clone(), split, parameters.clone()),
            );
            assert_same(
                chosen.inverse_part(x.clone(), split, parameters.clone()),
                layer.inverse_part(x.clone(), split, parameters),
            );
        });
    }
}

#[test]
fn couplings_are_those_built_by_hand() {
    for device in cpu_devices() {
        let x = normal([6, 5], 0, &device);
        each_transformer!(|layer, chosen| {
            let outputs = 3 * layer.parameters_per_feature();
            let net = MlpConfig::new(2, vec![8], outputs).init(&mut Noise::seeded(2), &device);
            let by_hand: Coupling<_, _> = Coupling::new(Split::half(), layer, net.clone());
            let shipped: Coupling<_, _> = Coupling::new(Split::half(), chosen, net);
            assert_same(
                shipped.forward(x.clone(), &()),
                by_hand.forward(x.clone(), &()),
            );
            assert_same(
                shipped.inverse(x.clone(), &()),
                by_hand.inverse(x.clone(), &()),
            );
        });
    }
}

#[test]
fn mixings_are_those_of_their_layers() {
    for device in cpu_devices() {
        let x = normal([2, 4, 3, 3], 0, &device);
        let full = Invertible1x1::new(Full::rotation(4, &mut Noise::seeded(3), &device));
        let mix = Mix::Full(full.clone());
        assert_same(mix.forward(x.clone(), &()), full.forward(x.clone(), &()));
        assert_same(mix.inverse(x.clone(), &()), full.inverse(x.clone(), &()));
        let shuffle = Permutation::<4>::shuffled(4, &mut Noise::seeded(4), &device);
        let mix = Mix::Shuffle(shuffle.clone());
        assert_same(mix.forward(x.clone(), &()), shuffle.forward(x.clone(), &()));
        assert_same(mix.inverse(x.clone(), &()), shuffle.inverse(x, &()));
    }
}
