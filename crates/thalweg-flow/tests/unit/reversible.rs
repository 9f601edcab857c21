use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::{DiagonalNormal, StandardNormal};
use thalweg_flow::{
    ActNorm, Affine, Bijection, Coupling, DiagonalScale, Embedded, Flow, Full, InvertibleLinear,
    LabelEmbedding, MlpConfig, Noise, Reversible, Split, WithContext,
};

type Layer = Coupling<Affine, thalweg_flow::Mlp>;

fn coupling(index: usize, device: &Device) -> Layer {
    let net = MlpConfig::new(2, vec![8], 4).init(&mut Noise::seeded(index as u64), device);
    Coupling::new(Split::half().alternating(index), Affine::new(), net)
}

fn batch(device: &Device) -> Tensor<2> {
    Noise::seeded(9).normal([6, 4], device, DType::F32)
}

fn mean(log_prob: Tensor<1>) -> Tensor<1> {
    log_prob.mean().neg()
}

/// The gradient in the mean of the first actnorm, by autodiff and without a tape.
fn both<B: Bijection<Data = Tensor<2>, Latent = Tensor<2>>>(
    flow: &Flow<B, StandardNormal>,
    norm: impl Fn(&B) -> &ActNorm,
    x: &Tensor<2>,
    how: &Reversible,
) -> [Vec<f64>; 2] {
    let plain = mean(flow.log_prob(x.clone())).backward();
    let plain = GradientsParams::from_grads(plain, flow);
    let (_, without) = flow.loss_and_gradients(x.clone(), how, mean);
    [plain, without].map(|gradients| {
        let mut found = vec![];
        struct Read<'a>(&'a GradientsParams, &'a mut Vec<f64>);
        impl burn::module::ModuleVisitor for Read<'_> {
            fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
                if let Some(gradient) = self.0.get::<D>(param.id) {
                    self.1.extend(gradient.into_data().iter::<f64>());
                }
            }
        }
        norm(&flow.bijection).visit(&mut Read(&gradients, &mut found));
        found
    })
}

fn assert_same([expected, found]: [Vec<f64>; 2], tolerance: f64) {
    assert_eq!(expected.len(), found.len());
    let most = expected.iter().fold(0.0, |m: f64, g| m.max(g.abs()));
    assert!(most > 0.0);
    for (e, f) in expected.iter().zip(&found) {
        assert!(
            (e - f).abs() <= tolerance * most,
            "{found:?} not {expected:?}"
        );
    }
}

/// An actnorm and a coupling in front of a matrix that loses most digits on the way back, to errors of
/// opposite signs.
fn ill_conditioned(
    device: &Device,
) -> Flow<(ActNorm, Layer, InvertibleLinear<Full>, Layer), StandardNormal> {
    let rows = [
        [1.0, 1.0, 0.0, 0.0],
        [1.0, 1.0 + 3e-6, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.5],
        [0.0, 0.0, 0.0, 1.0],
    ];
    let matrix = Full::from_weight(Tensor::from_floats(rows, device));
    let bijection = (
        ActNorm::new(4, device),
        coupling(0, device),
        InvertibleLinear::new(matrix),
        coupling(1, device),
    );
    Flow::new(bijection, StandardNormal::new(4))
}

#[test]
fn an_input_that_the_inverse_does_not_find_again_is_kept() {
    for device in cpu_devices() {
        let flow = ill_conditioned(&device.clone().autodiff());
        let how = Reversible::new();
        assert_same(both(&flow, |b| &b.0, &batch(&device), &how), 1e-5);
        let first = how.report();
        assert_eq!((first.anchors.as_slice(), first.repeated), (&[2][..], 1));
        assert_eq!((first.layers, first.kept), (4, 1));
        assert!(first.drift < 1e-4 && first.kept_bytes == 6 * 4 * 4);

        // It is remembered.
        assert_same(both(&flow, |b| &b.0, &batch(&device), &how), 1e-5);
        let second = how.report();
        assert_eq!((second.passes, second.repeated), (2, 1));
    }
}

/// Without the check the gradients are wrong: what the test above sees is the fallback.
#[test]
fn a_tolerance_lets_drift_pass() {
    let device = Device::default();
    let flow = ill_conditioned(&device.clone().autodiff());
    let how = Reversible::new().tolerance(1e9);
    let [expected, found] = both(&flow, |b| &b.0, &batch(&device), &how);
    let report = how.report();
    assert_eq!((report.repeated, report.kept), (0, 0));
    assert!(report.drift > 1e-4, "{report:?}");
    let worst = expected.iter().zip(&found).map(|(e, f)| (e - f).abs());
    assert!(
        worst.fold(0.0, f64::max) > 1e-4,
        "{found:?} is {expected:?}"
    );
}

/// A matrix without an inverse gives NaN or a panic on the way back, unless its input is kept.
#[test]
fn with_all_inputs_kept_no_layer_is_inverted() {
    let device = Device::default().autodiff();
    let singular = Full::from_weight(Tensor::<2>::zeros([4, 4], &device));
    let bijection = (ActNorm::new(4, &device), InvertibleLinear::new(singular));
    let flow = Flow::new(bijection, StandardNormal::new(4));
    let loss = |log_prob: Tensor<1>| log_prob.clamp_min(-1e3).mean();
    let (loss, _) = flow.loss_and_gradients(batch(&device).inner(), &Reversible::every(1), loss);
    assert_eq!(loss.into_scalar::<f32>(), -1e3);
}

#[test]
fn a_budget_is_used_and_not_exceeded() {
    let device = Device::default();
    let layers: Vec<Layer> = (0..8).map(|i| coupling(i, &device)).collect();
    let bijection = (ActNorm::new(4, &device), layers);
    let flow = Flow::new(bijection, StandardNormal::new(4)).train();
    let input = 6 * 4 * 4;
    for (budget, kept) in [
        (0, 0),
        (input, 1),
        (3 * input + 1, 3),
        (9 * input, 9),
        (1 << 40, 9),
    ] {
        let how = Reversible::within(budget);
        assert_same(both(&flow, |b| &b.0, &batch(&device), &how), 1e-5);
        let report = how.report();
        assert_eq!(
            (report.kept, report.kept_bytes),
            (kept, kept * input),
            "{budget}"
        );
        assert_eq!((report.layers, report.all_bytes), (9, 9 * input));
    }
    let how = Reversible::every(4);
    assert_same(both(&flow, |b| &b.0, &batch(&device), &how), 1e-5);
    assert_eq!(how.report().kept, 3);
}

/// A layer that comes twice has the sum of both gradients; the base's parameters have theirs.
#[test]
fn shared_parameters_and_those_of_the_base_have_gradients() {
    let device = Device::default().autodiff();
    let layer = DiagonalScale::from_log_scale(Tensor::from_floats([0.1, -0.2], &device));
    let flow = Flow::new(
        vec![layer.clone(), layer.clone()],
        DiagonalNormal::new(2, &device),
    );
    let x = Tensor::<2>::from_floats([[1.0, 2.0]], &device.clone().without_autodiff());
    let (_, found) = flow.loss_and_gradients(x, &Reversible::new(), mean);
    assert_eq!(found.len(), 3);
    // −log p = ½ Σ (x e^2s)² − 2 Σ s + const, so the derivative in s is 2 (x e^2s)² − 2.
    let mut numbers = vec![];
    struct First<'a>(&'a GradientsParams, &'a mut Vec<f64>);
    impl burn::module::ModuleVisitor for First<'_> {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            let gradient = self.0.get::<D>(param.id).expect("a gradient");
            self.1.extend(gradient.into_data().iter::<f64>());
        }
    }
    layer.visit(&mut First(&found, &mut numbers));
    let expected = [2.0 * 0.4f64.exp() - 2.0, 8.0 * (-0.8f64).exp() - 2.0];
    for (found, expected) in numbers.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found} not {expected}");
    }
}

#[test]
#[should_panic(expected = "constants")]
fn a_context_with_a_gradient_is_refused() {
    let device = Device::default().autodiff();
    let net = MlpConfig::new(2 + 3, vec![8], 4).init(&mut Noise::seeded(0), &device);
    let coupling: Coupling<_, _> =
        Coupling::new(Split::half(), Affine::new(), WithContext::new(net));
    let flow = Flow::new(coupling, StandardNormal::new(4));
    let context = Tensor::<2>::ones([6, 3], &device).require_grad();
    let x = batch(&device.clone().without_autodiff());
    flow.given(&context)
        .loss_and_gradients(x, &Reversible::new(), mean);
}

#[test]
#[should_panic(expected = "constants")]
fn data_with_a_gradient_are_refused() {
    let device = Device::default().autodiff();
    let flow = Flow::new(coupling(0, &device), StandardNormal::new(4));
    let x = batch(&device).require_grad();
    flow.loss_and_gradients(x, &Reversible::new(), mean);
}

/// An embedding that no layer uses stays without a gradient, as with autodiff.
#[test]
fn an_embedding_that_is_not_used_has_no_gradient() {
    let device = Device::default().autodiff();
    let labels = LabelEmbedding::new(3, 2, &mut Noise::seeded(0), &device);
    let flow = Flow::new(
        Embedded::new(labels, coupling(0, &device)),
        StandardNormal::new(4),
    );
    let digits = Tensor::from_ints([0, 1, 2, 0, 1, 2], &device.clone().without_autodiff());
    let x = batch(&device.clone().without_autodiff());
    let given = flow.given(&digits);
    let plain = GradientsParams::from_grads(mean(given.log_prob(x.clone())).backward(), &flow);
    let (_, found) = given.loss_and_gradients(x, &Reversible::new(), mean);
    assert_eq!(found.len(), plain.len());
}
