//! On a training device every layer keeps its results there and passes gradients to its input.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{
    Additive, Affine, Bijection, Coupling, DiagonalScale, ElementwiseAffine, Exp, Identity, Invert,
    Logit, MlpConfig, Noise, Permutation, Reverse, ScaleMap, SigmoidShift, SoftBounded, Split,
    Standardize, TanhLearned, Transformer, Whiten,
};

use crate::host::host;

const SHAPE: [usize; 2] = [6, 4];

/// Numbers in the unit interval, where every layer is defined.
fn data(device: &Device, dtype: DType) -> Tensor<2> {
    Noise::seeded(1).open_uniform(SHAPE, device, dtype)
}

fn coupling<T: Transformer>(transformer: T, device: &Device) -> impl Map {
    let outputs = 2 * transformer.parameters_per_feature();
    let network = MlpConfig::new(2, vec![5], outputs).init(&mut Noise::seeded(2), device);
    let coupling: Coupling<_, _> = Coupling::new(Split::half(), transformer, network);
    coupling
}

fn affine<S: ScaleMap>(scale_map: S, device: &Device) -> impl Map {
    coupling(Affine::with_scale_map(scale_map), device)
}

trait Map: Bijection<Data = Tensor<2>, Latent = Tensor<2>> {}

impl<B: Bijection<Data = Tensor<2>, Latent = Tensor<2>>> Map for B {}

/// `from_plain`: the layer has parameters on the training device, so that its results are there
/// also for data from outside.
fn check(layer: &impl Map, device: &Device, from_plain: bool) {
    let training = device.clone().autodiff();
    let x = data(&training, DType::F32).require_grad();
    let (z, log_det) = layer.forward(x.clone(), &());
    let (back, back_log_det) = layer.inverse(z.clone(), &());
    for found in [
        z.device(),
        log_det.device(),
        back.device(),
        back_log_det.device(),
    ] {
        assert_eq!(found, training, "{layer:?}");
    }
    assert_eq!(log_det.dims(), [SHAPE[0]]);
    let loss = z.square().sum() + log_det.square().sum();
    let gradient = x.grad(&loss.backward()).expect("a gradient of the input");
    assert!(host(gradient).iter().all(|g| g.is_finite()), "{layer:?}");

    let (z, _) = layer.forward(data(device, DType::F32), &());
    assert_eq!(z.device().is_autodiff(), from_plain, "{layer:?}");
}

#[test]
fn layers_with_parameters() {
    for device in cpu_devices() {
        let training = device.clone().autodiff();
        let fitted = data(&training, DType::F32);
        let shuffled = Permutation::<2>::shuffled(4, &mut Noise::seeded(1), &training);
        check(&shuffled, &device, true);
        check(&DiagonalScale::<2>::new(4, &training), &device, true);
        check(&ElementwiseAffine::<2>::new(4, &training), &device, true);
        check(&Standardize::fit(&fitted).unwrap().layer, &device, true);
        check(&Whiten::fit(&fitted, 0.0).unwrap(), &device, true);
        check(&Standardize::identity(4, &training), &device, true);
        check(&Whiten::identity(4, &training), &device, true);
        check(&Some(DiagonalScale::<2>::new(4, &training)), &device, true);
        check(
            &vec![DiagonalScale::<2>::new(4, &training); 2],
            &device,
            true,
        );
        check(
            &(Reverse::<2> {}, DiagonalScale::<2>::new(4, &training)),
            &device,
            true,
        );
    }
}

#[test]
fn layers_without_parameters() {
    for device in cpu_devices() {
        check(&Identity::<2> {}, &device, false);
        check(&Reverse::<2> {}, &device, false);
        check(&None::<Reverse<2>>, &device, false);
        check(&Logit::<2>::new(0.05), &device, false);
        check(&Logit::<2>::new(0.0).inverted(), &device, false);
    }
}

#[test]
fn couplings() {
    for device in cpu_devices() {
        let training = device.clone().autodiff();
        check(&coupling(Additive::new(), &training), &device, true);
        check(&affine(SoftBounded::default(), &training), &device, true);
        check(&affine(Exp {}, &training), &device, true);
        check(&affine(SigmoidShift::default(), &training), &device, true);
        check(
            &affine(TanhLearned::new(2, &training), &training),
            &device,
            true,
        );
    }
}
