use std::borrow::Cow;

use super::{Callback, Signal};
use crate::Progress;

type Moment<M> = fn(&mut dyn Callback<M>, &Progress, &M) -> Signal;

/// Calls each in turn; what one has measured the next ones see.
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
        wishes = wishes.and(signal);
    }
    wishes
}

macro_rules! moments {
    ($this:ident => $members:expr) => {
        moments!($this => $members;
            on_train_begin on_train_end on_epoch_begin on_epoch_end on_batch_begin on_batch_end);
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

macro_rules! delegate {
    () => {
        delegate!(@
            on_train_begin on_train_end on_epoch_begin on_epoch_end on_batch_begin on_batch_end);
    };
    (@ $($moment:ident)*) => {$(
        fn $moment(&mut self, progress: &Progress, model: &M) -> Signal {
            (**self).$moment(progress, model)
        }
    )*};
}

impl<M, C: Callback<M> + ?Sized> Callback<M> for &mut C {
    delegate!();
}

impl<M, C: Callback<M> + ?Sized> Callback<M> for Box<C> {
    delegate!();
}

impl<M, C: Callback<M>> Callback<M> for Option<C> {
    moments!(this => &mut all(this));
}

impl<M, C: Callback<M>> Callback<M> for Vec<C> {
    moments!(this => &mut all(this));
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
        }
    };
}
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
