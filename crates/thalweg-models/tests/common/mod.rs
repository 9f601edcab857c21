//! What several test files need.
#![allow(dead_code)] // each test file uses its part

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_flow::Noise;

/// Random levels `0 ..= levels − 1`, `[rows, features]`.
pub(crate) fn levels(shape: [usize; 2], levels: u32, seed: u64, device: &Device) -> Tensor<2> {
    let u = Noise::seeded(seed).uniform(shape, device, DType::F32);
    u.mul_scalar(f64::from(levels)).floor()
}

pub(crate) fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

pub(crate) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

pub(crate) fn wide(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().copied().map(f64::from).collect()
}

/// Asserts that several threads at once find what one finds.
pub(crate) fn assert_same_from_threads<T: PartialEq + std::fmt::Debug + Send>(
    find: impl Fn() -> T + Sync,
) {
    let expected = find();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(&find)).collect();
        for found in threads {
            assert_eq!(found.join().expect("no panic"), expected);
        }
    });
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[track_caller]
pub(crate) fn assert_close(found: &[f64], wanted: &[f64], tolerance: f64) {
    assert_eq!(found.len(), wanted.len());
    for (index, (f, w)) in found.iter().zip(wanted).enumerate() {
        let bound = tolerance * w.abs().max(1.0);
        assert!((f - w).abs() <= bound, "number {index} is {f}, not {w}");
    }
}

/// A float parameter on the host.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) data: TensorData,
    pub(crate) trainable: bool,
}

/// Every float parameter by its path.
pub(crate) fn parameters<M: Module>(module: &M) -> BTreeMap<String, Parameter> {
    #[derive(Default)]
    struct Visitor {
        path: Vec<String>,
        found: BTreeMap<String, Parameter>,
    }
    impl ModuleVisitor for Visitor {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let parameter = Parameter {
                data: param.val().into_data(),
                trainable: param.is_require_grad(),
            };
            self.found.insert(self.path.join("."), parameter);
        }
    }
    let mut visitor = Visitor::default();
    module.visit(&mut visitor);
    visitor.found
}

/// How many numbers train.
pub(crate) fn trainable_numbers<M: Module>(module: &M) -> usize {
    let all = parameters(module).into_values();
    all.filter(|p| p.trainable)
        .map(|p| p.data.shape().iter().product::<usize>())
        .sum()
}

/// The gradient of each float parameter by its path; linear layers' as `[outputs, inputs]`.
pub(crate) fn gradients<M: Module>(
    module: &M,
    gradients: &burn::tensor::Gradients,
) -> BTreeMap<String, Vec<f64>> {
    struct Visitor<'a> {
        gradients: &'a burn::tensor::Gradients,
        path: Vec<String>,
        found: BTreeMap<String, Vec<f64>>,
    }
    impl ModuleVisitor for Visitor<'_> {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let Some(gradient) = param.val().grad(self.gradients) else {
                return;
            };
            let numbers = match D == 2 {
                true => host(gradient.transpose()),
                false => host(gradient),
            };
            self.found.insert(self.path.join("."), numbers);
        }
    }
    let mut visitor = Visitor {
        gradients,
        path: vec![],
        found: BTreeMap::new(),
    };
    module.visit(&mut visitor);
    visitor.found
}
