//! The same function of the same numbers, on the host in f32 and in operations of tensors in f64.

use burn::tensor::{DType, Device, Gradients, Tensor, TensorData};
use thalweg_device::cpu_devices;
use thalweg_kernels::counts::Counts;

/// A device of the CPU, for tests in which it makes no difference which.
pub(crate) fn device() -> Device {
    cpu_devices().swap_remove(0)
}

/// The gradient of a leaf, in a row.
type GradientOf = Box<dyn Fn(&Gradients) -> Vec<f64>>;

/// Draws leaves of a function, and knows their gradients afterwards.
pub(crate) struct Draw {
    device: Device,
    dtype: DType,
    state: u64,
    gradients: Vec<GradientOf>,
}

impl Draw {
    fn new(device: &Device, dtype: DType) -> Self {
        Self {
            device: device.clone().autodiff(),
            dtype,
            state: 1,
            gradients: vec![],
        }
    }

    /// Numbers between −2 and 2 that f32 holds, the same for every type.
    pub(crate) fn values(&mut self, count: usize) -> Vec<f64> {
        let mut next = || {
            self.state = self
                .state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            f64::from((self.state >> 40) as f32 / (1 << 22) as f32 - 2.0)
        };
        (0..count).map(|_| next()).collect()
    }

    /// A leaf whose gradient is compared.
    pub(crate) fn leaf<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let leaf = self.constant(shape).autodiff().require_grad();
        let kept = leaf.clone();
        self.gradients.push(Box::new(move |gradients| {
            let gradient = kept.grad(gradients).expect("a gradient of every leaf");
            assert_eq!(gradient.dims(), kept.dims());
            gradient.into_data().iter::<f64>().collect()
        }));
        leaf
    }

    /// Numbers that are no leaf.
    pub(crate) fn constant<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let data = TensorData::new(self.values(shape.iter().product()), shape);
        Tensor::from_data(data, (&self.device.clone().without_autodiff(), self.dtype))
    }
}

/// Asserts that a function of the host and one of tensors agree in values and gradients: within 2e-6
/// of the largest, or of 1. Both are called with the same numbers, and return all they make of them.
pub(crate) fn agree(
    name: &str,
    on_host: impl Fn(&mut Draw) -> Vec<Tensor<1>>,
    of_tensors: impl Fn(&mut Draw) -> Vec<Tensor<1>>,
) {
    agree_within(2e-6, name, on_host, of_tensors);
}

/// The same within another tolerance in f32, where the host computes, on each backend alike; in f64 the
/// function falls back to operations of tensors.
pub(crate) fn agree_within(
    on_host_within: f64,
    name: &str,
    on_host: impl Fn(&mut Draw) -> Vec<Tensor<1>>,
    of_tensors: impl Fn(&mut Draw) -> Vec<Tensor<1>>,
) {
    let exact = evaluate(&device(), DType::F64, &of_tensors);
    for device in cpu_devices() {
        for (dtype, tolerance) in [(DType::F32, on_host_within), (DType::F64, 1e-13)] {
            Counts::take();
            let found = evaluate(&device, dtype, &on_host);
            let (counts, name) = (Counts::take(), format!("{name}, {device:?} {dtype:?}"));
            if dtype == DType::F32 {
                assert!(counts.chains.is_empty(), "{name}: {counts:?}");
            }
            assert_close(&name, &found, &exact, tolerance);
        }
    }
}

/// Asserts that plain numbers, values and then gradients by the weights that are drawn last, are those of
/// tensors in f64.
pub(crate) fn agree_in_f64(
    name: &str,
    numbers: impl Fn(&mut Draw) -> Vec<Vec<f64>>,
    of_tensors: impl Fn(&mut Draw) -> Vec<Tensor<1>>,
) {
    let exact = evaluate(&device(), DType::F64, &of_tensors);
    let found = numbers(&mut Draw::new(&device(), DType::F64));
    assert_close(name, &found, &exact, 1e-10);
}

fn assert_close(name: &str, found: &[Vec<f64>], exact: &[Vec<f64>], tolerance: f64) {
    assert_eq!(found.len(), exact.len(), "{name}");
    for (part, (found, exact)) in found.iter().zip(exact).enumerate() {
        assert_eq!(found.len(), exact.len(), "{name}, part {part}");
        let scale = exact.iter().fold(1.0f64, |most, x| most.max(x.abs()));
        for (a, b) in found.iter().zip(exact) {
            let close = (a - b).abs() <= tolerance * scale;
            assert!(close, "{name}, part {part}: {a} {b} of {scale}");
        }
    }
}

/// The values, then the gradients of a sum of them with weights of their own.
fn evaluate(
    device: &Device,
    dtype: DType,
    function: &impl Fn(&mut Draw) -> Vec<Tensor<1>>,
) -> Vec<Vec<f64>> {
    let mut draw = Draw::new(device, dtype);
    let outputs = function(&mut draw);
    let mut parts: Vec<Vec<f64>> = outputs
        .iter()
        .map(|output| output.to_data().iter::<f64>().collect())
        .collect();
    let weighted = outputs.into_iter().map(|output| {
        let weights = draw.constant(output.dims());
        (output * weights).sum()
    });
    let loss = weighted.reduce(Tensor::add).expect("an output");
    let gradients = loss.backward();
    parts.extend(draw.gradients.iter().map(|gradient| gradient(&gradients)));
    parts
}

/// Everything in a row, to be compared.
pub(crate) fn flat<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let count: usize = x.dims().iter().product();
    x.reshape([count])
}
