//! Gradients without a tape.

use burn::module::{ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use thalweg_flow::Variable;
use thalweg_flow::invertible_backprop::{Checkpoints, WithGradient};

use crate::scramble::wave;
use crate::violation::{Site, host};
use crate::{Batched, Flat, Law, Testable, Violation};

/// Going back layer by layer, each inverted and evaluated again, gives the gradients of
/// `Σ z·w + Σ log_det·v` that autodiff gives, in the data and in each parameter, `w` and `v` being
/// fixed numbers.
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
    let z_rows = z.to_rows();
    let z_weights = wave(z_rows.dims(), 1.0, site.device(), z_rows.dtype());
    let log_det_weights = wave(log_det.dims(), 2.0, site.device(), log_det.dtype());
    let loss = (z_rows * z_weights.clone()).sum() + (log_det * log_det_weights.clone()).sum();
    let mut gradients = loss.backward();
    let at_data = x.gradient(&mut gradients);
    let expected = GradientsParams::from_grads(gradients, &bijection);

    let mut checkpoints = Checkpoints::new();
    let plain = bijection.valid();
    let (z, _) = plain.forward_checkpointed(data.clone().plain(), context, &mut checkpoints);
    let slope = WithGradient {
        gradient: z.with_rows(z_weights),
        value: z,
    };
    let mut pass = checkpoints.backward(log_det_weights);
    let back = bijection.backward(slope, context, &mut pass);
    let (found, _) = pass.finish();

    let same = |what: &str, expected: Tensor<2>, found: Tensor<2>| {
        site.close(what, &host(expected), &host(found))
    };
    let gradient = "a gradient in the data";
    same(gradient, at_data.to_rows(), back.gradient.to_rows())?;
    let inputs = "the data, found again";
    same(inputs, data.clone().plain().to_rows(), back.value.to_rows())?;
    let mut compare = Compare {
        site: &site,
        expected,
        found,
        path: vec![],
        result: Ok(()),
    };
    bijection.visit(&mut compare);
    compare.result
}

struct Compare<'a> {
    site: &'a Site,
    expected: GradientsParams,
    found: GradientsParams,
    path: Vec<String>,
    result: Result<(), Violation>,
}

impl ModuleVisitor for Compare<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.result.is_err() {
            return;
        }
        let numbers = |gradients: &GradientsParams| gradients.get::<D>(param.id).map(host);
        let (expected, found) = (numbers(&self.expected), numbers(&self.found));
        let what = format!("a gradient of {}", self.path.join("."));
        let zeros = |numbers: &[f64]| vec![0.0; numbers.len()];
        self.result = match (expected, found) {
            (None, None) => Ok(()),
            (Some(expected), Some(found)) => self.site.close(&what, &expected, &found),
            // Autodiff leaves out what it can tell to be zero, and may tell one way only.
            (Some(expected), None) => self.site.close(&what, &expected, &zeros(&expected)),
            (None, Some(found)) => self.site.close(&what, &zeros(&found), &found),
        };
    }
}
