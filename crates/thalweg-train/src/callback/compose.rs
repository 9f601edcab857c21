use std::borrow::Cow;

use burn::tensor::Device;

use super::{Callback, Signal};
use crate::Progress;
use thalweg_optim::{Remember, State, StateError};

type Moment<M> = fn(&mut dyn Callback<M>, &Progress, &M) -> Signal;

/// Calls each in turn. The metrics of one are seen by the next.
fn in_order<M>(
    callbacks: &mut [&mut dyn Callback<M>],
    progress: &Progress,
    model: &M,
    moment: Moment<M>,
) -> Signal {
    let mut progress = Cow::Borrowed(progress);
    let mut wishes = Signal::CONTINUE;
    for callback in callbacks {
        let signal = moment(&mut **callback, &progress, model);
        if !signal.metrics.is_empty() {
            let metrics = signal.metrics.clone();
            progress.to_mut().metrics.extend(metrics);
        }
        if !signal.pictures.is_empty() {
            let pictures = signal.pictures.clone();
            progress.to_mut().pictures.extend(pictures);
        }
        if !signal.warnings.is_empty() {
            let warnings = signal.warnings.clone();
            progress.to_mut().warnings.extend(warnings);
        }
        wishes = wishes.and(signal);
    }
    wishes
}

/// The common name of several callbacks. Each has its own name too.
const SEVERAL: &str = "several callbacks";

/// Where the name of a callback with this number is.
fn name_of(index: usize) -> String {
    format!("name.{index}")
}

/// Each one's state under its number.
fn states<'a, M: 'a>(callbacks: impl IntoIterator<Item = &'a dyn Callback<M>>) -> State {
    let mut all = State::default();
    for (index, callback) in callbacks.into_iter().enumerate() {
        callback.state().save(&index.to_string(), &mut all);
        callback.name().save(&name_of(index), &mut all);
    }
    all
}

fn restore_all<M>(
    callbacks: &mut [&mut dyn Callback<M>],
    state: &State,
    device: &Device,
) -> Result<(), StateError> {
    for (index, callback) in callbacks.iter_mut().enumerate() {
        let own = State::restore(&index.to_string(), state, device)?;
        let saved: Option<String> = Remember::restore(&name_of(index), state, device).ok();
        let here = callback.name();
        match saved.filter(|saved| *saved != here) {
            Some(saved) if callback.state() != State::default() || own != State::default() => {
                return Err(StateError::OfAnother { saved, here });
            }
            _ => callback.restore(&own, device)?,
        }
    }
    Ok(())
}

/// The common answer of those that had stopped the run.
fn reviews<M>(callbacks: &mut [&mut dyn Callback<M>]) -> Option<Signal> {
    let reviews = callbacks
        .iter_mut()
        .filter_map(|callback| callback.review_stop());
    reviews.reduce(Signal::and)
}

macro_rules! moments {
    ($this:ident => $members:expr) => {
        moments!($this => $members;
            on_train_begin on_train_end on_epoch_begin on_epoch_end on_batch_begin on_batch_end);

        fn name(&self) -> String {
            SEVERAL.to_owned()
        }

        fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
            let $this = self;
            restore_all::<M>($members, state, device)
        }

        fn review_stop(&mut self) -> Option<Signal> {
            let $this = self;
            reviews::<M>($members)
        }
    };
    ($this:ident => $members:expr; $($moment:ident)*) => {$(
        fn $moment(&mut self, progress: &Progress, model: &M) -> Signal {
            let $this = self;
            in_order($members, progress, model, |callback, progress, model| {
                callback.$moment(progress, model)
            })
        }
    )*};
}

impl<M> Callback<M> for () {}

/// Forwards every method of a callback to another one; a moment only where `$due` holds.
macro_rules! delegate {
    ($this:ident => $inner:expr) => {
        delegate!($this => $inner, (_progress, _name) => true);
    };
    ($this:ident => $inner:expr, ($progress:pat, $name:pat) => $due:expr) => {
        delegate!(@ $this => $inner, ($progress, $name) => $due;
            on_train_begin on_train_end on_epoch_begin on_epoch_end on_batch_begin on_batch_end);

        fn stand_in(&self, model: &M) -> Option<M> {
            let $this = self;
            $inner.stand_in(model)
        }

        fn name(&self) -> String {
            let $this = self;
            $inner.name()
        }

        fn state(&self) -> State {
            let $this = self;
            $inner.state()
        }

        fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
            let $this = self;
            $inner.restore(state, device)
        }

        fn review_stop(&mut self) -> Option<Signal> {
            let $this = self;
            $inner.review_stop()
        }
    };
    (@ $this:ident => $inner:expr, ($progress:pat, $name:pat) => $due:expr; $($moment:ident)*) => {$(
        fn $moment(&mut self, progress: &Progress, model: &M) -> Signal {
            let ($this, $progress, $name) = (self, progress, stringify!($moment));
            match $due {
                true => $inner.$moment(progress, model),
                false => Signal::CONTINUE,
            }
        }
    )*};
}

impl<M, C: Callback<M> + ?Sized> Callback<M> for &mut C {
    delegate!(this => (**this));
}

impl<M, C: Callback<M> + ?Sized> Callback<M> for Box<C> {
    delegate!(this => (**this));
}

/// A callback that takes part in every n-th epoch only: the n-th, 2n-th, … counted from one.
///
/// It does not see the begin, the end and the batches of the other epochs. The begin and end of the
/// run it always sees.
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
/// use thalweg_train::{Callback, Every, Signal, Trainer, on_epoch_end};
///
/// let mut seen = vec![];
/// let show = on_epoch_end(|progress, _: &Mean| {
///     seen.push(progress.epoch);
///     Signal::CONTINUE
/// });
/// let mut third: Every<_> = show.every(3);
/// Trainer::new(7, 0.5).fit(model, sgd, &data, loss, &mut third).finish()?;
/// assert_eq!(seen, [2, 5]); // the third epoch and the sixth, counted from 0
/// # Ok::<(), thalweg_train::TrainError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Every<C> {
    callback: C,
    epochs: usize,
}

impl<C> Every<C> {
    pub(super) fn new(callback: C, epochs: usize) -> Self {
        assert!(
            epochs > 0,
            "a callback cannot run every 0 epochs; use 1 or more"
        );
        Self { callback, epochs }
    }
}

impl<M, C: Callback<M>> Callback<M> for Every<C> {
    delegate!(this => this.callback, (progress, moment) =>
        moment.starts_with("on_train") || (progress.epoch + 1).is_multiple_of(this.epochs));
}

/// A callback whose epoch end is called only after an epoch with the lowest loss so far
/// ([`Progress::improved`]). The other moments it always sees.
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
/// use thalweg_train::{Callback, OnBest, Signal, Trainer, on_epoch_end};
///
/// let mut seen = vec![];
/// let show = on_epoch_end(|progress, _: &Mean| {
///     seen.push(progress.epoch);
///     Signal::CONTINUE
/// });
/// let mut on_best: OnBest<_> = show.on_best();
/// // With steps of 3 the loss grows: the first epoch stays the best.
/// Trainer::new(4, 3.0).fit(model, sgd, &data, loss, &mut on_best).finish()?;
/// assert_eq!(seen, [0]);
/// # Ok::<(), thalweg_train::TrainError>(())
/// ```
#[derive(Debug, Clone)]
pub struct OnBest<C> {
    pub(super) callback: C,
}

impl<M, C: Callback<M>> Callback<M> for OnBest<C> {
    delegate!(this => this.callback, (progress, moment) =>
        moment != "on_epoch_end" || progress.improved);
}

impl<M, C: Callback<M>> Callback<M> for Option<C> {
    moments!(this => &mut all(this));

    fn stand_in(&self, model: &M) -> Option<M> {
        self.iter().find_map(|callback| callback.stand_in(model))
    }

    fn state(&self) -> State {
        states(self.iter().map(|callback| callback as &dyn Callback<M>))
    }
}

impl<M, C: Callback<M>> Callback<M> for Vec<C> {
    moments!(this => &mut all(this));

    fn stand_in(&self, model: &M) -> Option<M> {
        self.iter().find_map(|callback| callback.stand_in(model))
    }

    fn state(&self) -> State {
        states(self.iter().map(|callback| callback as &dyn Callback<M>))
    }
}

fn all<'a, M, C: Callback<M> + 'a>(
    callbacks: impl IntoIterator<Item = &'a mut C>,
) -> Vec<&'a mut dyn Callback<M>> {
    let callbacks = callbacks.into_iter();
    callbacks
        .map(|callback| callback as &mut dyn Callback<M>)
        .collect()
}

macro_rules! tuple {
    ($($name:ident $index:tt),*) => {
        impl<M, $($name: Callback<M>),*> Callback<M> for ($($name,)*) {
            moments!(this => &mut [$(&mut this.$index),*]);

            fn stand_in(&self, model: &M) -> Option<M> {
                None$(.or_else(|| self.$index.stand_in(model)))*
            }

            fn state(&self) -> State {
                states::<M>([$(&self.$index as &dyn Callback<M>),*])
            }
        }
    };
}
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
