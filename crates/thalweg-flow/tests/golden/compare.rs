//! One comparison for all cases.

use std::collections::BTreeSet;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Gradients, Tensor};
use thalweg_device::test_devices;
use thalweg_flow::precision::f64_is_sound;
use thalweg_flow::{Base, Bijection, Condition, Flow};
use thalweg_laws::record;

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
    case: impl Into<Case>,
    build: impl Fn(&File, &Device) -> Flow<B, P>,
    names: &Names,
    fixed: &[&str],
) where
    B: Bijection<Data = Tensor<D>, Latent = Tensor<2>>,
    P: Base<Latent = Tensor<2>>,
{
    compare_given(case, |_| (), build, names, fixed);
}

/// [`compare`] under a condition.
pub(crate) fn compare_given<C: Condition, B, P, const D: usize>(
    case: impl Into<Case>,
    context: impl Fn(&Kind) -> C,
    build: impl Fn(&File, &Device) -> Flow<B, P>,
    names: &Names,
    fixed: &[&str],
) where
    B: Bijection<C, Data = Tensor<D>, Latent = Tensor<2>>,
    P: Base<C, Latent = Tensor<2>>,
{
    let case = case.into();
    for_each_kind(case, |kind| {
        let flow = build(&kind.file, &kind.device.clone().autodiff());
        let context = context(kind);
        compare_values_given(kind, &flow, &context, 1.0);

        let x = kind.file.tensor("x", &kind.device);
        let loss = flow.given(&context).log_prob(x).mean().neg();
        kind.near("loss", host(loss.clone()));
        let gradients = gradients(&flow, &loss.backward(), names, fixed);
        let compared: BTreeSet<&str> = gradients.iter().map(|(n, _)| n.as_str()).collect();
        let wanted: BTreeSet<&str> = kind.file.names("grad.").into_iter().collect();
        assert_eq!(compared, wanted, "{}", case.name);
        for (name, gradient) in gradients {
            kind.near(&format!("grad.{name}"), gradient);
        }
    });
}

/// A case by its name, and how far apart two computations of it in f32 may lie.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    name: &'static str,
    f64_tolerance: f64,
    /// `None` where there are no numbers in f32.
    f32_tolerance: Option<f64>,
}

impl Case {
    pub(crate) fn with_f32_tolerance(self, f32_tolerance: f64) -> Self {
        Self {
            f32_tolerance: Some(f32_tolerance),
            ..self
        }
    }

    /// A case in f64 alone.
    pub(crate) fn in_f64(self, f64_tolerance: f64) -> Self {
        Self {
            f64_tolerance,
            f32_tolerance: None,
            ..self
        }
    }
}

impl From<&'static str> for Case {
    fn from(name: &'static str) -> Self {
        Self {
            name,
            f64_tolerance: 1e-10,
            f32_tolerance: Some(1e-5),
        }
    }
}

/// One file on one device.
pub(crate) struct Kind {
    pub(crate) file: File,
    pub(crate) device: Device,
    dtype: DType,
    tolerance: f64,
}

/// What tolerances in f32 are multiplied with where functions in f64 are wrong: those in f32 are coarse there. A Vulkan driver may
/// be off by several roundings; by Mesa's in software, `exp` is off by up to 6e-7 of its value, ten roundings.
const COARSE: f64 = 4.0;

/// Calls `check` on every CPU backend, or on the device of `BURN_DEVICE`, in both precisions.
pub(crate) fn for_each_kind(case: impl Into<Case>, check: impl Fn(&Kind)) {
    let case = case.into();
    for device in test_devices() {
        let coarse = if f64_is_sound(&device) { 1.0 } else { COARSE };
        let tolerances = [
            (DType::F64, Some(case.f64_tolerance)),
            (DType::F32, case.f32_tolerance.map(|of| of * coarse)),
        ];
        for (dtype, tolerance) in tolerances {
            let Some(tolerance) = tolerance else { continue };
            if dtype == DType::F64 && !f64_is_sound(&device) {
                println!(
                    "{} is skipped in F64: {device:?} computes it wrongly",
                    case.name
                );
                continue;
            }
            check(&Kind {
                file: File::open(case.name, dtype),
                device: device.clone(),
                dtype,
                tolerance,
            });
        }
    }
}

impl Kind {
    fn near(&self, name: &str, found: Vec<f64>) {
        self.near_numbers(name, self.file.numbers(name), &found);
    }

    fn near_numbers(&self, name: &str, expected: &[f64], found: &[f64]) {
        near(
            name,
            expected,
            found,
            self.tolerance,
            &self.device,
            self.dtype,
        );
    }
}

/// Compares both directions and the densities; the file holds latents divided by `latent_scale`.
pub(crate) fn compare_values<B, P, const D: usize>(
    kind: &Kind,
    flow: &Flow<B, P>,
    latent_scale: f64,
) where
    B: Bijection<Data = Tensor<D>, Latent = Tensor<2>>,
    P: Base<Latent = Tensor<2>>,
{
    compare_values_given(kind, flow, &(), latent_scale);
}

/// [`compare_values`] under a condition.
pub(crate) fn compare_values_given<C: Condition, B, P, const D: usize>(
    kind: &Kind,
    flow: &Flow<B, P>,
    context: &C,
    latent_scale: f64,
) where
    B: Bijection<C, Data = Tensor<D>, Latent = Tensor<2>>,
    P: Base<C, Latent = Tensor<2>>,
{
    let Kind { file, device, .. } = kind;
    let x: Tensor<D> = file.tensor("x", device);
    let (z, log_det) = flow.bijection.forward(x.clone(), context);
    let expected: Vec<f64> = file.numbers("z").iter().map(|z| z * latent_scale).collect();
    kind.near_numbers("z", &expected, &host(z));
    kind.near("log_det", host(log_det));
    kind.near("log_prob", host(flow.given(context).log_prob(x)));

    if !file.has("z_in") {
        return; // the library has no inverse of this map
    }
    let z_in = file.tensor::<2>("z_in", device).mul_scalar(latent_scale);
    let (x_out, log_det) = flow.bijection.inverse(z_in, context);
    kind.near("x_out", host(x_out));
    kind.near("log_det_sample", host(log_det));
}

/// Absolute below 1, relative above. The largest error of values and that of gradients are rows in the table of errors of laws.
fn near(
    what: &str,
    expected: &[f64],
    found: &[f64],
    tolerance: f64,
    device: &Device,
    dtype: DType,
) {
    assert_eq!(expected.len(), found.len(), "{what} on {device:?}");
    let errors = expected.iter().zip(found);
    let errors = errors.map(|(e, f)| (e - f).abs() / e.abs().max(1.0));
    let Some((i, error)) = errors.enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b)) else {
        return;
    };
    let row = match what.starts_with("grad.") {
        true => "golden_gradients",
        false => "golden_values",
    };
    let place = [format!("{device:?}"), format!("{dtype:?}")];
    record(row, place.each_ref().map(String::as_str), error, tolerance);
    // An error that is no number is larger than all others.
    assert!(
        error <= tolerance,
        "{what}[{i}] should be {:e}, is {:e}, on {device:?} in {dtype:?}",
        expected[i],
        found[i]
    );
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
        // Linear layers are stored turned; the matrices of linear maps are not.
        let numbers = match D == 2 && !path.contains("form.") {
            true => host(gradient.transpose()),
            false => host(gradient),
        };
        self.found.push((theirs, numbers));
    }
}
