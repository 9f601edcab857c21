//! Training reaches every parameter.

use burn::module::{ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor};

use crate::scramble::wave;
use crate::violation::{Site, host};
use crate::{Batched, Flat, Law, Testable, Violation};

/// Every trainable float parameter has a gradient of `Σ z·w + Σ log_det·v`, `w` and `v` being
/// fixed numbers, that exists, is finite and is not zero everywhere.
///
/// `exceptions` are the paths of parameters that need none, such as `coupling.scale`, each with
/// the reason; a path stands for all parameters below it as well. Parameters that do not require
/// gradients need no exception.
///
/// # Errors
///
/// Where a parameter has no such gradient, where there is no trainable parameter, or where an
/// exception is the path of none.
pub fn every_parameter_has_gradient<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    exceptions: &[(String, String)],
) -> Result<(), Violation> {
    let site = Site::new(Law::EveryParameterHasGradient, data);
    let bijection = bijection.clone().train();
    let (z, log_det) = bijection.forward(data.clone(), context);
    let z = z.to_rows();
    let z_weights = wave(z.dims(), 1.0, site.device(), z.dtype());
    let log_det_weights = wave(log_det.dims(), 2.0, site.device(), log_det.dtype());
    let loss = (z * z_weights).sum() + (log_det * log_det_weights).sum();
    let mut visitor = Visitor {
        gradients: (loss.is_autodiff() && loss.is_tracked()).then(|| loss.backward()),
        path: Vec::new(),
        complaints: Vec::new(),
        trainable: Vec::new(),
    };
    bijection.visit(&mut visitor);

    if visitor.trainable.is_empty() {
        return Err(site.violated(
            "trainable parameters (skip this law for a layer without any)",
            "none",
        ));
    }
    for (exception, _) in exceptions {
        if !visitor.trainable.iter().any(|path| covers(exception, path)) {
            return Err(site.violated(
                format!("a trainable parameter at the excepted path {exception:?}"),
                visitor.trainable.join(", "),
            ));
        }
    }
    let complaint = visitor
        .complaints
        .into_iter()
        .find(|(path, _)| !exceptions.iter().any(|(e, _)| covers(e, path)));
    match complaint {
        Some((path, found)) => {
            Err(site.violated(format!("a gradient for the parameter {path}"), found))
        }
        None => Ok(()),
    }
}

fn covers(exception: &str, path: &str) -> bool {
    path.strip_prefix(exception)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

struct Visitor {
    gradients: Option<Gradients>,
    path: Vec<String>,
    trainable: Vec<String>,
    complaints: Vec<(String, &'static str)>,
}

impl ModuleVisitor for Visitor {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.base();
        if !value.is_require_grad() {
            return;
        }
        let path = self.path.join(".");
        self.trainable.push(path.clone());
        let gradient = self.gradients.as_ref().and_then(|all| value.grad(all));
        let complaint = match gradient.map(host) {
            None => "none",
            Some(numbers) if numbers.iter().any(|g| !g.is_finite()) => "one that is not finite",
            Some(numbers) if numbers.iter().all(|g| *g == 0.0) => "one that is zero everywhere",
            Some(_) => return,
        };
        self.complaints.push((path, complaint));
    }
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
