use std::fmt;
use std::marker::PhantomData;

use super::{Callback, Signal};
use crate::Progress;

/// A closure as a callback at the end of each epoch.
///
/// It may return nothing, a [`Signal`], or a `Result` of either, whose error ends the run.
/// The values that it captures stay from one run to the next.
///
/// With `.every(n)` it draws a grid of samples each n epochs; with `Signal::metric` it adds a
/// number to the history.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::SgdConfig;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_optim::SingleGradient;
/// # use thalweg_train::Data;
/// # #[derive(Module, Debug)]
/// # struct Mean { mean: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// # let sgd = SingleGradient::new(SgdConfig::new().init());
/// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
/// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
/// use thalweg_train::{Callback, OnEpochEnd, Signal, Trainer, on_epoch_end};
///
/// let evaluate: OnEpochEnd<Mean, _> = on_epoch_end(|_, model: &Mean| {
///     Signal::metric("mean", model.mean.val().into_scalar::<f32>().into())
/// });
/// let show = on_epoch_end(|progress, _: &Mean| println!("{:?}", progress.metrics)).every(10);
/// let trained = Trainer::new(20, 0.5).fit(model, sgd, &data, loss, &mut (evaluate, show));
/// assert!((trained.history.metric("mean")[19] - 2.0).abs() < 1e-4);
/// ```
pub fn on_epoch_end<M, F, R>(closure: F) -> OnEpochEnd<M, F>
where
    F: FnMut(&Progress, &M) -> R,
    R: Into<Signal>,
{
    OnEpochEnd {
        closure,
        model: PhantomData,
    }
}

/// The callback made by [`on_epoch_end`].
///
/// See [`on_epoch_end`] for an example.
pub struct OnEpochEnd<M, F> {
    closure: F,
    model: PhantomData<fn(&M)>,
}

impl<M, F, R> Callback<M> for OnEpochEnd<M, F>
where
    F: FnMut(&Progress, &M) -> R,
    R: Into<Signal>,
{
    fn on_epoch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        (self.closure)(progress, model).into()
    }
}

impl<M, F> fmt::Debug for OnEpochEnd<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnEpochEnd").finish_non_exhaustive()
    }
}
