//! Gradients: every parameter has one, and the backward pass without a tape gives the same.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Gradients, Tensor};
use thalweg_flow::invertible_backprop::{Checkpoints, WithGradient};
use thalweg_flow::{LogDet, Variable};

use crate::scramble::wave;
use crate::violation::{Site, host};
use crate::{Batched, Flat, Law, Testable, Violation};

/// Every trainable float parameter has a gradient of `Σ z·w + Σ log_det·v` with fixed weights `w` and `v`
/// that is finite and not zero everywhere.
///
/// `exceptions` are the paths of parameters that need none, such as `coupling.scale`, each with its
/// reason; a path covers all parameters below it.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::every_parameter_has_gradient(&layer, &x, &(), &[])?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where a parameter has no such gradient, where there is no trainable parameter, or where an exception
/// is the path of none.
pub fn every_parameter_has_gradient<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    exceptions: &[(String, String)],
) -> Result<(), Violation> {
    let site = Site::new(Law::EveryParameterHasGradient, data);
    let bijection = bijection.clone().train();
    let (z, log_det) = bijection.forward(data.clone(), context);
    let (z_weights, weights) = weights(&z, &log_det);
    let loss = loss(&z, log_det, z_weights, weights);
    let tracked = loss.is_autodiff() && loss.is_tracked();
    let source = match tracked {
        true => Source::Tape(&loss.backward()),
        false => Source::None,
    };
    let found = of_parameters(&bijection, &source);

    if found.is_empty() {
        return Err(site.violated(
            "trainable parameters (skip this law for a layer without any)",
            "none",
        ));
    }
    for (exception, _) in exceptions {
        if !found.iter().any(|(path, _)| covers(exception, path)) {
            let paths: Vec<String> = found.into_iter().map(|(path, _)| path).collect();
            return Err(site.violated(
                format!("a trainable parameter at the excepted path {exception:?}"),
                paths.join(", "),
            ));
        }
    }
    for (path, gradient) in found {
        let complaint = match gradient {
            _ if exceptions.iter().any(|(e, _)| covers(e, &path)) => continue,
            None => "none",
            Some(numbers) if numbers.iter().any(|g| !g.is_finite()) => "one that is not finite",
            Some(numbers) if numbers.iter().all(|g| *g == 0.0) => "one that is zero everywhere",
            Some(_) => continue,
        };
        return Err(site.violated(format!("a gradient for the parameter {path}"), complaint));
    }
    Ok(())
}

fn covers(exception: &str, path: &str) -> bool {
    path.strip_prefix(exception)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The backward pass of [`invertible_backprop`](thalweg_flow::invertible_backprop) gives the gradients of
/// autodiff for `Σ z·w + Σ log_det·v` with fixed weights `w` and `v`, in the data and in each parameter.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Sample, laws, normal, scramble};
///
/// let device = Device::default().autodiff();
/// let layer = scramble(DiagonalScale::<2>::new(3, &device), 0.3);
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// laws::gradients_without_tape(&layer, &x, &(), 1e-4)?;
/// # Ok::<(), thalweg_laws::Violation>(())
/// ```
///
/// # Errors
///
/// Where a gradient differs or is missing on one side.
pub fn gradients_without_tape<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    tolerance: f64,
) -> Result<(), Violation> {
    let site = Site::new(Law::GradientsWithoutTape, data).within(tolerance);
    let bijection = bijection.clone().train();
    let x = data.clone().leaf();
    let (z, log_det) = bijection.forward(x.clone(), context);
    let (z_weights, weights) = weights(&z, &log_det);
    let loss = loss(&z, log_det, z_weights.clone(), weights.clone());
    let mut gradients = loss.backward();
    let at_data = x.gradient(&mut gradients);
    let expected = of_parameters(&bijection, &Source::Tape(&gradients));

    let mut checkpoints = Checkpoints::new();
    let plain = bijection.valid();
    let (z, _) = plain.forward_checkpointed(data.clone().plain(), context, &mut checkpoints);
    let z = WithGradient {
        gradient: z.with_rows(z_weights),
        value: z,
    };
    let mut pass = checkpoints.backward(weights);
    let back = bijection.backward(z, context, &mut pass);
    let (found, _) = pass.finish();
    let found = of_parameters(&bijection, &Source::Parameters(&found));

    let same = |what: &str, expected: Tensor<2>, found: Tensor<2>| {
        site.close(what, &host(expected), &host(found))
    };
    let gradient = "a gradient in the data";
    same(gradient, at_data.to_rows(), back.gradient.to_rows())?;
    let inputs = "the data, found again";
    same(inputs, data.clone().plain().to_rows(), back.value.to_rows())?;
    expected
        .into_iter()
        .zip(found)
        .try_for_each(|((path, expected), (_, found))| {
            // Autodiff may leave out a gradient that it can tell to be zero.
            let count = expected
                .iter()
                .chain(&found)
                .map(Vec::len)
                .max()
                .unwrap_or(0);
            let [expected, found] =
                [expected, found].map(|g| g.unwrap_or_else(|| vec![0.0; count]));
            site.close(&format!("a gradient of {path}"), &expected, &found)
        })
}

/// Fixed weights of latents, `[batch, numbers]`, and of log-determinants.
pub(super) fn weights<F: Flat>(z: &F, log_det: &LogDet) -> (Tensor<2>, Tensor<1>) {
    let z = z.to_rows();
    let device = z.device().without_autodiff();
    let of_z = wave(z.dims(), 1.0, &device, z.dtype());
    (of_z, wave(log_det.dims(), 2.0, &device, log_det.dtype()))
}

/// `Σ z·w + Σ log_det·v`.
pub(super) fn loss<F: Flat>(z: &F, log_det: LogDet, w: Tensor<2>, v: Tensor<1>) -> Tensor<1> {
    (z.to_rows() * w).sum() + (log_det * v).sum()
}

/// Where gradients are read from.
pub(super) enum Source<'a> {
    None,
    Tape(&'a Gradients),
    Parameters(&'a GradientsParams),
}

/// The path of each trainable float parameter, and its gradient.
pub(super) fn of_parameters<M: Module>(
    module: &M,
    source: &Source<'_>,
) -> Vec<(String, Option<Vec<f64>>)> {
    struct Reader<'a> {
        source: &'a Source<'a>,
        path: Vec<String>,
        found: Vec<(String, Option<Vec<f64>>)>,
    }
    impl ModuleVisitor for Reader<'_> {
        fn enter_module(&mut self, name: &str, _container_type: &str) {
            self.path.push(name.into());
        }

        fn exit_module(&mut self, _name: &str, _container_type: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let value = param.base();
            if value.is_require_grad() {
                let gradient = match self.source {
                    Source::None => None,
                    Source::Tape(gradients) => value.grad(gradients),
                    Source::Parameters(gradients) => gradients.get::<D>(param.id),
                };
                self.found.push((self.path.join("."), gradient.map(host)));
            }
        }
    }
    let mut reader = Reader {
        source,
        path: Vec::new(),
        found: Vec::new(),
    };
    module.visit(&mut reader);
    reader.found
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn an_exception_covers_its_path_and_what_lies_below() {
        assert!(covers("net.weight", "net.weight"));
        assert!(covers("net", "net.weight"));
        assert!(!covers("net", "network.weight"));
    }
}
