//! Linear maps of wide vectors, which go through the factors of their matrix: beside the matrix itself.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Gradients, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::StandardNormal;
use thalweg_flow::compiled::{Direction, Scratch};
use thalweg_flow::precision::cast;
use thalweg_flow::{Bijection, Flow, InvertibleLinear, LinearForm, Noise, Plu};
use thalweg_laws::scramble;

use crate::host::{BOTH, assert_near, host};

/// The same parameters without their factors.
#[derive(Module, Debug)]
struct Whole {
    plu: Plu,
}

impl LinearForm for Whole {
    fn weight(&self) -> (Tensor<2>, Tensor<1>) {
        self.plu.weight()
    }
}

/// Below the width from which the factors are used, at it, and blocks of another size behind.
const WIDTHS: [usize; 4] = [95, 96, 130, 199];
const ROWS: usize = 6;

fn plu(features: usize, device: &Device) -> Plu {
    scramble(
        Plu::rotation(features, &mut Noise::seeded(features as u64), device),
        0.02,
    )
}

fn data(features: usize, dtype: DType, device: &Device) -> Tensor<2> {
    let plain = device.clone().without_autodiff();
    Noise::seeded(1).normal([ROWS, features], &plain, dtype)
}

/// Collects the gradients of all parameters.
struct Collect<'a> {
    gradients: &'a Gradients,
    found: Vec<Vec<f64>>,
}

impl ModuleVisitor for Collect<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let gradient = parameter.val().grad(self.gradients);
        self.found.extend(gradient.map(host));
    }
}

/// The values of a map, then all gradients of a weighted sum of them: of the data, and of the triangles and the
/// diagonal.
fn evaluate<F: LinearForm>(
    linear: &InvertibleLinear<F>,
    x: Tensor<2>,
    direction: Direction,
) -> Vec<Vec<f64>> {
    let weights = x.clone() * 0.7 + 0.1;
    let x = x.autodiff().require_grad();
    let (z, log_det) = match direction {
        Direction::Forward => linear.forward(x.clone(), &()),
        Direction::Inverse => linear.inverse(x.clone(), &()),
    };
    let mut parts = vec![host(z.clone()), host(log_det.clone())];
    let loss = (z * Tensor::from_inner(weights)).sum() + log_det.sum();
    let gradients = loss.backward();
    parts.push(host(x.grad(&gradients).expect("a gradient of the data")));
    let mut collect = Collect {
        gradients: &gradients,
        found: vec![],
    };
    linear.visit(&mut collect);
    parts.extend(collect.found);
    parts
}

#[test]
fn factors_give_what_the_matrix_gives() {
    for device in cpu_devices() {
        let device = device.autodiff();
        for (features, dtype) in WIDTHS
            .into_iter()
            .flat_map(|f| BOTH.map(|dtype| (f, dtype)))
        {
            let form = cast(plu(features, &device), dtype).expect("a sound device");
            let tolerance = if dtype == DType::F64 { 1e-11 } else { 2e-4 };
            let x = data(features, dtype, &device);
            for direction in [Direction::Forward, Direction::Inverse] {
                let by_matrix = InvertibleLinear::<_, 2>::new(Whole { plu: form.clone() });
                let exact = evaluate(&by_matrix, x.clone(), direction);
                let by_factors = InvertibleLinear::<_, 2>::new(form.clone());
                let found = evaluate(&by_factors, x.clone(), direction);
                // The outputs, the data, the triangles and the diagonal.
                assert_eq!((found.len(), exact.len()), (6, 6));
                for (found, exact) in found.iter().zip(&exact) {
                    assert_near(found, exact, tolerance);
                }
            }
        }
    }
}

/// One sample is a matrix of one row, and no samples are none.
#[test]
fn a_sample_does_not_depend_on_those_beside_it() {
    for device in cpu_devices() {
        let linear = InvertibleLinear::<Plu, 2>::new(plu(130, &device));
        let x = data(130, DType::F32, &device);
        let (z, _) = linear.forward(x.clone(), &());
        let (back, _) = linear.inverse(z.clone(), &());
        assert_near(&host(back), &host(x.clone()), 1e-4);
        for row in 0..ROWS {
            let (one, log_det) = linear.forward(x.clone().narrow(0, row, 1), &());
            assert_eq!(log_det.dims(), [1]);
            assert_near(&host(one), &host(z.clone().narrow(0, row, 1)), 1e-5);
        }
        let nothing = Tensor::<2>::zeros([0, 130], &device);
        assert_eq!(linear.inverse(nothing, &()).0.dims(), [0, 130]);
    }
}

#[test]
fn a_wide_rotation_is_orthogonal_and_mixes_blocks_in_a_random_order() {
    let device = Device::default();
    let rotation = Plu::rotation(199, &mut Noise::seeded(0), &device);
    let (weight, log_det) = rotation.weight();
    let gram = weight.clone().matmul(weight.clone().transpose());
    let eye = Tensor::<2>::eye(199, &device);
    assert_near(&host(gram), &host(eye), 1e-5);
    assert_near(&host(log_det), &[0.0], 1e-5);
    // A row has the numbers of one block of neighbours, and rows of a block are scattered.
    let blocks: Vec<usize> = host(weight)
        .chunks(199)
        .map(|row| {
            let used = row.iter().enumerate().filter(|(_, w)| **w != 0.0);
            let blocks: Vec<usize> = used.map(|(column, _)| column / 64).collect();
            assert!(blocks.len() > 6 && blocks.iter().all(|block| *block == blocks[0]));
            blocks[0]
        })
        .collect();
    assert_eq!(
        [0, 1, 2, 3].map(|b| blocks.iter().filter(|x| **x == b).count()),
        [64, 64, 64, 7]
    );
    assert!(blocks[..64].iter().any(|block| *block != blocks[0]));
}

#[test]
fn compiled_factors_give_what_tensors_give() {
    for device in cpu_devices() {
        for features in WIDTHS {
            let linear = InvertibleLinear::<Plu, 2>::new(plu(features, &device));
            let flow = Flow::new(linear, StandardNormal::new(features));
            let (compiled, mut scratch) = (flow.compile(), Scratch::default());
            let x = data(features, DType::F32, &device);
            let numbers: Vec<f32> = x.clone().into_data().iter().collect();
            let (mut encoded, mut decoded) = (numbers.clone(), numbers.clone());
            compiled.encode(&mut encoded, &mut scratch);
            compiled.decode(&mut decoded, &mut scratch);
            let double = |numbers: Vec<f32>| numbers.into_iter().map(f64::from).collect::<Vec<_>>();
            assert_near(&double(encoded), &host(flow.encode(x.clone())), 1e-5);
            assert_near(&double(decoded), &host(flow.decode(x.clone())), 1e-5);
            let exact = host(flow.log_prob(x));
            for (point, exact) in numbers.chunks(features).zip(exact) {
                let found = compiled.log_prob(point, &mut scratch);
                assert_near(&[f64::from(found)], &[exact], 1e-5);
            }
        }
    }
}
