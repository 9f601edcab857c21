//! Layers one by one, with what they tell of themselves.

use burn::module::Module;
use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_flow::walk::{Detail, Usage, Visitor};
use thalweg_flow::{
    ActNorm, Affine, Autoregressive, Bijection, Checkerboard, ContextTransform, Coupling,
    DiagonalScale, Embedded, Exp, Full, Identity, Invert, InvertibleLinear, LabelEmbedding, Level,
    MaskedMlpConfig, MlpConfig, MultiScale, Network, Noise, RationalQuadratic, Reverse, ScaleMap,
    SigmoidShift, SoftBounded, Split, Squeeze, TanhLearned, Transformer, WithContext,
};
use thalweg_laws::scramble;

use crate::host::{assert_near, host, tensor};

/// Writes down paths, inputs and details.
#[derive(Default)]
struct Diary {
    path: Vec<String>,
    seen: Vec<(String, Vec<f64>, Vec<Detail>)>,
}

impl Visitor for Diary {
    fn enter(&mut self, step: String) {
        self.path.push(step);
    }

    fn exit(&mut self) {
        self.path.pop();
    }

    fn layer<C, B: Bijection<C>>(
        &mut self,
        layer: &B,
        x: B::Data,
        context: &C,
        details: Vec<Detail>,
    ) -> B::Latent {
        use thalweg_flow::Variable;
        let rows = x.rows().into_iter().flat_map(host).collect();
        self.seen.push((self.path.join("/"), rows, details));
        layer.forward(x, context).0
    }
}

fn diary<B: Bijection>(bijection: &B, x: B::Data) -> (B::Latent, Diary) {
    let mut diary = Diary::default();
    let z = bijection.walk(x, &(), &mut diary);
    (z, diary)
}

fn paths(diary: &Diary) -> Vec<&str> {
    diary.seen.iter().map(|(path, ..)| path.as_str()).collect()
}

fn scale(log_scale: f64) -> DiagonalScale {
    let log_scale = tensor([log_scale; 2], [2], &Device::default(), DType::F64);
    DiagonalScale::from_log_scale(log_scale)
}

fn row(numbers: [f64; 2]) -> Tensor<2> {
    tensor(numbers, [1, 2], &Device::default(), DType::F64)
}

#[test]
fn layers_come_in_the_order_of_the_data_with_their_inputs() {
    let two = 2_f64.ln();
    let none: Option<DiagonalScale> = None;
    let chain = (
        scale(two),
        none,
        Some(Reverse::<2> {}),
        vec![scale(two), scale(two)],
    );
    let (z, diary) = diary(&chain, row([1.0, 3.0]));
    assert_eq!(paths(&diary), ["0", "2", "3/0", "3/1"]);
    let inputs: Vec<f64> = diary.seen.iter().map(|(_, rows, _)| rows[0]).collect();
    assert_near(&inputs, &[1.0, 2.0, 6.0, 12.0], 1e-12);
    assert_near(&host(z), &[24.0, 8.0], 1e-12);
}

#[test]
fn an_inverted_chain_is_one_layer_with_the_details_inside() {
    let chain = (scale(0.5), scale(-0.5)).inverted();
    let (_, diary) = diary(&chain, row([1.0, 3.0]));
    assert_eq!(paths(&diary), [""]);
    assert_eq!(diary.seen[0].2.len(), 2);
}

#[test]
fn the_layers_of_all_scales_are_seen() {
    let device = Device::default();
    let level = |_| {
        Level::new(
            (Squeeze::new(), ActNorm::<4>::new(4, &device)),
            Identity::<4> {},
            Split::half(),
        )
    };
    let flow = MultiScale::new(vec![level(0)], Identity::<4> {});
    let x: Tensor<4> = Noise::seeded(0).normal([2, 1, 4, 4], &device, DType::F32);
    let (z, diary) = diary(&flow, x.clone());
    assert_eq!(
        paths(&diary),
        [
            "levels.0.steps/0",
            "levels.0.steps/1",
            "levels.0.prior",
            "last"
        ]
    );
    let (expected, _) = flow.forward(x, &());
    assert_eq!(host(z.flatten()), host(expected.flatten()));
}

#[test]
fn condition_numbers_are_those_of_singular_values() {
    let device = Device::default();
    // Singular values 3 and 1.
    let weight = tensor([2.0, 1.0, 1.0, 2.0], [2, 2], &device, DType::F64);
    let ratio = |weight| Detail::Matrix(weight).condition_number().unwrap();
    assert_near(&[ratio(weight.clone())], &[3.0], 1e-12);
    let singular = tensor([1.0, 1.0, 1.0, 1.0], [2, 2], &device, DType::F64);
    assert!(ratio(singular) > 1e15);
    assert_eq!(ratio(weight.clone() * f64::NAN), f64::INFINITY);
    let log_scale = tensor([1.0, -2.0], [2], &device, DType::F64);
    let diagonal = Detail::Diagonal(log_scale).condition_number().unwrap();
    assert_near(&[diagonal], &[3_f64.exp()], 1e-12);

    let linear = InvertibleLinear::<Full>::new(Full::from_weight(weight));
    let (_, diary) = diary(&linear, row([1.0, 1.0]));
    assert_near(
        &[diary.seen[0].2[0].condition_number().unwrap()],
        &[3.0],
        1e-12,
    );
}

/// The use of scales whose raw numbers are these, a row each, of one feature.
fn scales<S: ScaleMap>(map: S, raw: &[f64]) -> (usize, f64) {
    let (device, rows) = (Device::default(), raw.len());
    let parameters: Vec<f64> = raw.iter().flat_map(|raw| [0.0, *raw]).collect();
    let parameters = tensor(parameters, [rows, 2], &device, DType::F64);
    let x = Tensor::zeros([rows, 1], (&device, DType::F64));
    match Affine::with_scale_map(map).usage(x, parameters) {
        Some(Usage::Scales {
            dead, saturated, ..
        }) => (dead, saturated),
        other => panic!("{other:?}"),
    }
}

#[test]
fn scales_are_saturated_within_a_hundredth_of_their_bound() {
    // s / 4 = r / (4 + r) is 0.99 at r = 396.
    assert_eq!(
        scales(SoftBounded::new(4.0), &[395.0, 397.0, -397.0, 0.0]),
        (0, 0.5)
    );
    // σ(r + 2) is 0.99 at r = 2.595.
    assert_eq!(
        scales(SigmoidShift::default(), &[2.5, 2.7, -6.5, -6.7]),
        (0, 0.5)
    );
    assert_eq!(scales(Exp {}, &[700.0, 705.0]), (0, 0.5));
    // tanh r is 0.99 at r = 2.647.
    let amplitude = tensor([0.3], [1], &Device::default(), DType::F64);
    assert_eq!(
        scales(TanhLearned::from_amplitude(amplitude), &[2.6, 2.7]),
        (0, 0.5)
    );
}

#[test]
fn a_feature_is_dead_where_no_row_has_a_scale() {
    assert_eq!(scales(SoftBounded::default(), &[0.0, 1e-7]), (1, 0.0));
    assert_eq!(scales(SoftBounded::default(), &[0.0, 1e-5]), (0, 0.0));
}

/// A network that returns one number for each output.
#[derive(Module, Debug)]
struct Constant {
    outputs: usize,
    value: f64,
}

impl<C, const D: usize> Network<C, D> for Constant {
    fn apply(&self, x: Tensor<D>, _: &C) -> Tensor<D> {
        let mut shape = x.dims();
        shape[1] = self.outputs;
        Tensor::full(shape, self.value, (&x.device(), x.dtype()))
    }
}

fn usage(diary: &Diary) -> Usage {
    match &diary.seen[0].2[..] {
        [Detail::Usage(usage)] => *usage,
        other => panic!("{other:?}"),
    }
}

#[test]
fn inputs_outside_a_spline_are_counted_of_the_transformed_part() {
    let spline = RationalQuadratic::new(4, 3.0);
    let outputs = spline.parameters_per_feature();
    let net = Constant {
        outputs,
        value: 0.0,
    };
    let coupling = Coupling::<_, _>::new(Split::half(), spline, net);
    let x = [
        row([9.0, 1.0]),
        row([0.0, 3.5]),
        row([0.0, -3.5]),
        row([0.0, 0.0]),
    ];
    let (_, diary) = diary(&coupling, Tensor::cat(x.to_vec(), 0));
    let Usage::Spline {
        features: 1,
        dead: 1,
        outside,
        thin,
    } = usage(&diary)
    else {
        panic!("{:?}", usage(&diary));
    };
    assert_eq!((outside, thin), (0.5, 0.0));
}

#[test]
fn bins_at_their_least_are_thin() {
    let spline = RationalQuadratic::new(4, 3.0);
    // One wide bin; heights are equal.
    let mut parameters = vec![0.0; 11];
    parameters[0] = 50.0;
    let parameters = tensor(parameters, [1, 11], &Device::default(), DType::F64);
    let x = Tensor::zeros([1, 1], (&Device::default(), DType::F64));
    let Some(Usage::Spline { thin, dead: 0, .. }) = spline.usage(x, parameters) else {
        panic!("a spline");
    };
    assert_near(&[thin], &[0.375], 1e-6);
}

#[test]
fn a_checkerboard_counts_the_transformed_pixels_of_all_channels() {
    let net = Constant {
        outputs: 6,
        value: 1e4,
    };
    let board = Checkerboard::new(Affine::new(), net);
    let x = Tensor::<4>::ones([2, 3, 2, 2], (&Device::default(), DType::F64));
    let (_, diary) = diary(&board, x);
    let Usage::Scales {
        features: 3,
        dead: 0,
        saturated: 1.0,
        ..
    } = usage(&diary)
    else {
        panic!("{:?}", usage(&diary));
    };
}

/// The latents of a walk are those of the map.
fn same<C, B: Bijection<C, Data = Tensor<2>, Latent = Tensor<2>>>(bijection: &B, context: &C) {
    let x: Tensor<2> = Noise::seeded(0).normal([5, 4], &Device::default(), DType::F32);
    let mut diary = Diary::default();
    let z = bijection.walk(x.clone(), context, &mut diary);
    assert_eq!(host(z), host(bijection.forward(x, context).0));
    assert!(matches!(usage(&diary), Usage::Scales { dead: 0, .. }));
}

#[test]
fn layers_under_a_condition_and_masked_ones_tell_of_their_scales() {
    let (device, mut noise) = (Device::default(), Noise::seeded(3));
    let net = MlpConfig::new(2 + 3, vec![8], 4).init(&mut noise, &device);
    let net = WithContext::new(scramble(net, 0.3));
    let coupling: Coupling<_, _> = Coupling::new(Split::half(), Affine::new(), net);
    let labels = LabelEmbedding::new(5, 3, &mut noise, &device);
    let context = Tensor::<1, Int>::from_ints([0, 1, 2, 3, 4], &device);
    same(&Embedded::new(labels, coupling), &context);

    let net = MlpConfig::new(3, vec![8], 8).init(&mut noise, &device);
    let layer: ContextTransform<_, _> = ContextTransform::new(Affine::new(), scramble(net, 0.3));
    same(&layer, &noise.normal([5, 3], &device, DType::F32));

    let net = MaskedMlpConfig::new(4, vec![8], 2).init(&mut noise, &device);
    let layer: Autoregressive<Affine, _> = Autoregressive::new(Affine::new(), scramble(net, 0.3));
    same(&layer, &());
}
