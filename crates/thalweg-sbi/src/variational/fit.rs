//! The fit of a flow to a target.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::{Base, Bijection, Noise};
use thalweg_models::VectorFlow;
use thalweg_models::vector::VectorConfig;
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Hyper, OnNonFinite, ProgressBar, Trainer};

use super::line::Line;
use super::placed::Placed;
use super::{Approximation, ReverseKl};
use crate::SbiError;
use crate::tensors::log_densities;

/// The norm that gradients are clipped to. Those of far draws at the start are huge.
const CLIP: f64 = 5.0;

/// The steps of an epoch, after which the bar shows a loss.
const EPOCH: usize = 100;

pub(super) fn fit<B, P, K>(
    settings: &ReverseKl,
    flow: VectorFlow<B, P, K>,
    target: &impl Fn(Tensor<2>) -> Tensor<1>,
) -> Result<Approximation<VectorFlow<B, P, K>>, SbiError>
where
    B: Module + ModuleDisplay + Bijection<Data = Tensor<2>, Latent = Tensor<2>>,
    P: Module + ModuleDisplay + Base<Latent = Tensor<2>>,
    K: VectorConfig<Bijection = B, Base = P, Context = ()>,
{
    let model = Placed::new(flow);
    let (coordinates, [centre, width]) = settings.checked(model.features())?;
    let line = Line {
        coordinates,
        centre,
        width,
    };
    let steps = settings.steps;
    let [from, share] = settings.temper.unwrap_or([1.0, 1.0]);
    let beta = Hyper::new("beta", from);
    let tempered = (share * steps as f64).max(1.0);
    let rising = beta.by_step(move |step| (from + (1.0 - from) * step as f64 / tempered).min(1.0));
    let loss = |model: &Placed<VectorFlow<B, P, K>>, (), seed: u64| {
        let noise = &mut Noise::seeded(seed);
        divergence(model, &line, target, beta.get(), settings.batch, noise)
    };
    let recover = OnNonFinite::Recover {
        at_most: 3,
        scale: 0.5,
    };
    let trainer = Trainer::annealed(steps, settings.rate)
        .seed(settings.seed)
        .on_non_finite(recover);
    let bar = settings.progress.then(ProgressBar::new);
    let trained = trainer.fit(
        model,
        SingleGradient::adam().clip_norm(CLIP),
        &Data::steps(EPOCH.min(steps)),
        loss,
        &mut (rising, bar),
    );
    let outcome = trained.outcome.to_string();
    match trained.outcome.is_success() {
        // The last: losses of other β, and of other draws, do not compare.
        true => Ok(Approximation {
            model: trained.model.valid(),
            line,
            outcome,
        }),
        false => Err(SbiError::Variational(outcome)),
    }
}

/// The mean of `ln q − β ln p̃` over draws of `q`, whose gradient is the path gradient.
fn divergence<B, P, K>(
    model: &Placed<VectorFlow<B, P, K>>,
    line: &Line,
    target: &impl Fn(Tensor<2>) -> Tensor<1>,
    beta: f64,
    draws: usize,
    noise: &mut Noise,
) -> Tensor<1>
where
    B: Module + ModuleDisplay + Bijection<Data = Tensor<2>, Latent = Tensor<2>>,
    P: Module + ModuleDisplay + Base<Latent = Tensor<2>>,
    K: VectorConfig<Bijection = B, Base = P, Context = ()>,
{
    let x = model.sample(draws, noise);
    let (theta, log_slope) = line.parameters(x.clone());
    let log_target = log_densities(target, theta) + log_slope;
    // The density with fixed parameters: its gradient takes the way of the draws alone.
    let log_prob = model.clone().no_grad().log_prob(x);
    (log_prob - log_target.mul_scalar(beta)).mean()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use thalweg_flow::Support;
    use thalweg_models::CouplingFlowConfig;
    use thalweg_optim::{Evaluation, Parameters};

    use super::*;
    use crate::coordinates::Coordinates;

    /// At the target itself each batch has the gradient 0 but for rounding; that of a density whose parameters are not fixed is
    /// 0 in the mean alone.
    #[test]
    fn the_path_gradient_of_a_perfect_fit_is_zero() {
        let device = Device::default().autodiff();
        let config = CouplingFlowConfig::realnvp(2).with_couplings(3);
        let model = Placed::new(config.with_hidden(vec![16]).init(&device));
        let line = Line {
            coordinates: Coordinates::new(vec![Support::Line; 2]),
            centre: vec![0.0; 2],
            width: vec![1.0; 2],
        };
        let itself = model.clone().no_grad();
        let target = |x: Tensor<2>| itself.log_prob(x);
        let norm = |loss: Tensor<1>| {
            let evaluated = Evaluation::new(loss, &model).unwrap();
            Parameters::gradient(&model, evaluated.grads).norm()
        };
        let noise = || Noise::seeded(5);
        let path = norm(divergence(&model, &line, &target, 1.0, 64, &mut noise()));
        let x = model.sample(64, &mut noise());
        let total = norm((model.log_prob(x.clone()) - target(x)).mean());
        assert!(path < 1e-4 && total > 0.1, "{path} {total}");
        // And it is a gradient where the fit is not perfect.
        let other = |x: Tensor<2>| target(x.sub_scalar(1.0));
        let path = norm(divergence(&model, &line, &other, 1.0, 64, &mut noise()));
        assert!(path > 0.1, "{path}");
    }
}
