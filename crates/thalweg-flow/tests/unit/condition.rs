//! One row of a condition for many samples, and many for each.

use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::StandardNormal;
use thalweg_flow::precision::cast;
use thalweg_flow::{
    Affine, Condition, ContextTransform, Coupling, Embedded, Flow, FlowError, LabelEmbedding, Mlp,
    MlpConfig, Noise, Reversible, Split, WithContext,
};
use thalweg_laws::scramble;

use crate::host::{BOTH, assert_near, host};

type Conditional = Flow<
    (
        Coupling<Affine, WithContext<Mlp>>,
        ContextTransform<Affine, Mlp>,
    ),
    StandardNormal,
>;

fn flow(device: &Device, dtype: DType) -> Conditional {
    let noise = &mut Noise::seeded(1);
    let net = MlpConfig::new(1 + 3, vec![6], 2).init(noise, device);
    let coupling = Coupling::new(Split::half(), Affine::new(), WithContext::new(net));
    let net = MlpConfig::new(3, vec![6], 4).init(noise, device);
    let layers = (coupling, ContextTransform::new(Affine::new(), net));
    let flow = Flow::new(layers, StandardNormal::new(2));
    cast(scramble(flow, 0.3), dtype).expect("sound f64")
}

fn contexts(rows: usize, device: &Device, dtype: DType) -> Tensor<2> {
    Noise::seeded(7).normal([rows, 3], device, dtype)
}

#[test]
fn one_row_is_a_condition_for_all() {
    for (device, dtype) in cpu_devices()
        .into_iter()
        .flat_map(|d| BOTH.map(|t| (d.clone(), t)))
    {
        let flow = flow(&device, dtype);
        let one = contexts(1, &device, dtype);
        let many = one.clone().repeat_dim(0, 50);
        let x: Tensor<2> = Noise::seeded(2).normal([50, 2], &device, dtype);
        let (given, wanted) = (flow.given(&one), flow.given(&many));
        assert_near(
            &host(given.log_prob(x.clone())),
            &host(wanted.log_prob(x.clone())),
            1e-5,
        );
        assert_near(
            &host(given.encode(x.clone())),
            &host(wanted.encode(x.clone())),
            1e-5,
        );
        let draw = |given: &thalweg_flow::Given<'_, _, _, Tensor<2>>| {
            host(given.sample(50, 1.0, &mut Noise::seeded(3)))
        };
        assert_near(&draw(&given), &draw(&wanted), 1e-5);
    }
    let flow = flow(&Device::default(), DType::F32);
    let one = contexts(1, &Device::default(), DType::F32);
    let many = flow.given(&one).sample(10_000, 1.0, &mut Noise::seeded(4));
    assert_eq!(many.dims(), [10_000, 2]);
}

#[test]
fn gradients_under_one_row_are_those_under_copies() {
    let device = Device::default();
    let flow = flow(&device.clone().autodiff(), DType::F64);
    let one = contexts(1, &device, DType::F64);
    let many = one.clone().repeat_dim(0, 8);
    let x = || Noise::seeded(2).normal::<2>([8, 2], &device, DType::F64);
    let loss = |log_prob: Tensor<1>| log_prob.mean().neg();
    let how = Reversible::new();
    let [(one, g), (many, h)] =
        [&one, &many].map(|context| flow.given(context).loss_and_gradients(x(), &how, loss));
    assert_near(&host(one), &host(many), 1e-12);
    struct Same(burn::optim::GradientsParams, burn::optim::GradientsParams);
    impl burn::module::ModuleVisitor for Same {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            let [g, h] = [&mut self.0, &mut self.1].map(|all| all.remove::<D>(param.id));
            let (g, h) = (g.expect("a gradient"), h.expect("a gradient"));
            assert_near(&host(g), &host(h), 1e-10);
        }
    }
    burn::module::Module::visit(&flow, &mut Same(g, h));
}

#[test]
fn so_many_draws_for_each_row() {
    for (device, dtype) in cpu_devices()
        .into_iter()
        .flat_map(|d| BOTH.map(|t| (d.clone(), t)))
    {
        let flow = flow(&device, dtype);
        let context = contexts(4, &device, dtype);
        let noise = || Noise::seeded(3);
        let all = flow.given(&context).sample_each(25, 1.0, &mut noise());
        assert_eq!(all.dims(), [100, 2]);
        let each = context.repeat_each(25);
        let wanted = flow.given(&each).sample(100, 1.0, &mut noise());
        assert_eq!(host(all), host(wanted));
        // Those of the third row lie together.
        let row = host(context.clone().narrow(0, 2, 1));
        assert_eq!(host(each.narrow(0, 50, 1)), row);
    }
}

#[test]
#[should_panic(expected = "one row for each sample, or one row for all: got 3 rows for 5 samples")]
fn another_number_of_rows_panics() {
    let device = Device::default();
    let (flow, context) = (flow(&device, DType::F32), contexts(3, &device, DType::F32));
    flow.given(&context)
        .log_prob(Tensor::zeros([5, 2], &device));
}

#[test]
#[should_panic(expected = "got 3 rows for 1 samples")]
fn one_sample_has_one_row() {
    let device = Device::default();
    let (flow, context) = (flow(&device, DType::F32), contexts(3, &device, DType::F32));
    flow.given(&context).sample(1, 1.0, &mut Noise::seeded(0));
}

#[test]
#[should_panic(expected = "row 1 has label 4; labels are 0..3, one for each of 3 classes")]
fn a_label_that_is_no_class_panics() {
    let device = Device::default();
    let labels = LabelEmbedding::new(3, 3, &mut Noise::seeded(0), &device);
    let density = flow(&device, DType::F32);
    let flow = Flow::new(Embedded::new(labels, density.bijection), density.base);
    let labels = Tensor::<1, Int>::from_ints([0, 4], &device);
    flow.given(&labels).log_prob(Tensor::zeros([2, 2], &device));
}

#[test]
fn empty_batches_have_no_rows_and_no_gradient() {
    for (device, dtype) in cpu_devices()
        .into_iter()
        .flat_map(|d| BOTH.map(|t| (d.clone(), t)))
    {
        let flow = flow(&device.clone().autodiff(), dtype);
        for rows in [0, 1] {
            let context = Tensor::<2>::zeros([rows, 3], (&device, dtype));
            let given = flow.given(&context);
            let x = || Tensor::<2>::zeros([0, 2], (&device, dtype));
            assert_eq!(given.log_prob(x()).dims(), [0]);
            assert_eq!(given.encode(x()).dims(), [0, 2]);
            assert_eq!(given.decode(x()).dims(), [0, 2]);
            let mut noise = Noise::seeded(5);
            assert_eq!(given.sample(0, 1.0, &mut noise).dims(), [0, 2]);
            let (samples, log_prob) = given.sample_with_log_prob(0, 1.0, &mut noise);
            assert_eq!((samples.dims(), log_prob.dims()), ([0, 2], [0]));
            let (samples, log_prob) = given.sample_with_drawn_log_prob(0, 1.0, &mut noise);
            assert_eq!((samples.dims(), log_prob.dims()), ([0, 2], [0]));
            assert_eq!(given.sample_each(0, 1.0, &mut noise).dims(), [0, 2]);
            assert_eq!(noise.permutation(9), Noise::seeded(5).permutation(9));
            let (loss, gradients) =
                given.loss_and_gradients(x(), &Reversible::new(), |log_prob| log_prob.sum());
            assert_eq!(host(loss), [0.0]);
            assert!(!gradients.is_empty());
            assert_eq!(given.log_probs(&x(), 3), Ok(vec![]));
        }
    }
}

#[test]
fn log_densities_of_any_number_of_rows() {
    for (device, dtype) in cpu_devices()
        .into_iter()
        .flat_map(|d| BOTH.map(|t| (d.clone(), t)))
    {
        // A model under training, whose tape is not wanted here.
        let flow = flow(&device.clone().autodiff(), dtype);
        let context = contexts(23, &device, dtype);
        let x: Tensor<2> = Noise::seeded(2).normal([23, 2], &device, dtype);
        let wanted = host(flow.given(&context).log_prob(x.clone()));
        for batch in [1, 5, 23, 100] {
            let found = flow
                .given(&context)
                .log_probs(&x, batch)
                .expect("finite rows");
            assert_near(&found, &wanted, 1e-5);
        }
        let numbers = host(x.clone());
        let rows: Vec<Vec<f64>> = numbers.chunks(2).map(<[f64]>::to_vec).collect();
        let found = flow
            .given(&context)
            .log_probs(&rows, 7)
            .expect("finite rows");
        assert_near(&found, &wanted, 1e-5);
        let rows: Vec<[f32; 2]> = numbers
            .chunks(2)
            .map(|r| [r[0] as f32, r[1] as f32])
            .collect();
        let found = flow
            .given(&context)
            .log_probs(&rows, 7)
            .expect("finite rows");
        assert_near(&found, &wanted, 1e-4);
        let found = flow
            .given(&context.clone().narrow(0, 0, 1))
            .log_probs(&rows, 7);
        assert_eq!(found.map(|found| found.len()), Ok(23));
    }
}

#[test]
fn an_error_names_the_row_among_all() {
    let device = Device::default();
    let (flow, context) = (flow(&device, DType::F32), contexts(1, &device, DType::F32));
    let mut rows = vec![vec![0.5, 0.5]; 20];
    rows[13][1] = f64::NAN;
    let found = flow.given(&context).log_probs(&rows, 4).unwrap_err();
    let FlowError::NotFinite {
        row,
        feature,
        value,
    } = found
    else {
        panic!("{found}");
    };
    assert!((row, feature) == (13, 1) && value.is_nan());
    rows[13] = vec![1.0];
    let found = flow.given(&context).log_probs(&rows, 4).unwrap_err();
    let wanted = "row 13 has 1 numbers, the first row has 2; rows have one length";
    assert_eq!(found.to_string(), wanted);
}
