//! One comparison for all cases.

use std::collections::BTreeSet;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Gradients, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{Base, Bijection, Flow};

use crate::file::File;

/// Paths of this crate's modules and the library's names for them, e.g.
/// `bijection.conditioner.layers.0` and `nets.0.0`.
pub(crate) type Names = Vec<(String, String)>;

/// The names of an MLP's layers, by their numbers in PyTorch's `Sequential`.
pub(crate) fn mlp_names(ours: &str, theirs: &str, layers: &[usize]) -> Names {
    let pair = |(ours_n, n)| (format!("{ours}.layers.{ours_n}"), format!("{theirs}.{n}"));
    layers.iter().enumerate().map(pair).collect()
}

/// Compares values, log-determinants, densities and gradients on every CPU backend and in both
/// precisions; `fixed` are trainable parameters of ours that the library does not have.
pub(crate) fn compare<B, P, const D: usize>(
    case: &str,
    build: impl Fn(&File, &Device) -> Flow<B, P>,
    names: &Names,
    fixed: &[&str],
) where
    B: Bijection<Data = Tensor<D>, Latent = Tensor<2>>,
    P: Base<Latent = Tensor<2>>,
{
    for device in cpu_devices() {
        for (dtype, tolerance) in [(DType::F64, 1e-10), (DType::F32, 1e-5)] {
            let file = File::open(case, dtype);
            let flow = build(&file, &device.clone().autodiff());
            let near = |name: &str, found: Vec<f64>| {
                near(name, file.numbers(name), &found, tolerance, &device, dtype);
            };

            let x: Tensor<D> = file.tensor("x", &device);
            let (z, log_det) = flow.bijection.forward(x.clone(), &());
            near("z", host(z));
            near("log_det", host(log_det));
            let log_prob = flow.log_prob(x);
            near("log_prob", host(log_prob.clone()));

            let (x_out, log_det) = flow.bijection.inverse(file.tensor("z_in", &device), &());
            near("x_out", host(x_out));
            near("log_det_sample", host(log_det));

            let loss = log_prob.mean().neg();
            near("loss", host(loss.clone()));
            let gradients = gradients(&flow, &loss.backward(), names, fixed);
            let compared: BTreeSet<&str> = gradients.iter().map(|(n, _)| n.as_str()).collect();
            let wanted: BTreeSet<&str> = file.names("grad.").into_iter().collect();
            assert_eq!(compared, wanted, "{case}");
            for (name, gradient) in &gradients {
                near(&format!("grad.{name}"), gradient.clone());
            }
        }
    }
}

/// Absolute below 1, relative above.
fn near(
    what: &str,
    expected: &[f64],
    found: &[f64],
    tolerance: f64,
    device: &Device,
    dtype: DType,
) {
    assert_eq!(expected.len(), found.len(), "{what} on {device:?}");
    for (i, (e, f)) in expected.iter().zip(found).enumerate() {
        assert!(
            (e - f).abs() <= tolerance * e.abs().max(1.0),
            "{what}[{i}] should be {e:e}, is {f:e}, on {device:?} in {dtype:?}"
        );
    }
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// The gradient of each trainable parameter, in the library's name and layout.
fn gradients<M: Module>(
    module: &M,
    gradients: &Gradients,
    names: &Names,
    fixed: &[&str],
) -> Vec<(String, Vec<f64>)> {
    let mut collector = Collector {
        gradients,
        names,
        fixed,
        path: Vec::new(),
        found: Vec::new(),
    };
    module.visit(&mut collector);
    collector.found
}

struct Collector<'a> {
    gradients: &'a Gradients,
    names: &'a Names,
    fixed: &'a [&'a str],
    path: Vec<String>,
    found: Vec<(String, Vec<f64>)>,
}

impl ModuleVisitor for Collector<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.path.join(".");
        if self.fixed.iter().any(|name| path.ends_with(name)) {
            return;
        }
        let theirs = self.names.iter().find_map(|(ours, theirs)| {
            let rest = path.strip_prefix(ours.as_str())?;
            (rest.is_empty() || rest.starts_with('.')).then(|| format!("{theirs}{rest}"))
        });
        let theirs = theirs.unwrap_or_else(|| panic!("{path} has no name in the library"));
        let gradient = param.val().grad(self.gradients);
        let gradient = gradient.unwrap_or_else(|| panic!("{path} has no gradient"));
        let numbers = match D {
            2 => host(gradient.transpose()),
            _ => host(gradient),
        };
        self.found.push((theirs, numbers));
    }
}
