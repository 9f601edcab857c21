//! What a user should know of data that are legal but look wrong.

use std::cell::RefCell;

use thiserror::Error;
use tracing::subscriber::NoSubscriber;

use crate::integers::level::shortest;

/// Data that a layer or a model was fitted to and that look as if something were wrong with them.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Warning {
    /// A feature that takes one value only.
    #[error("{layer}: feature {feature} is constant ({}) in the data that the layer is fitted to; {advice}", shortest(*.value))]
    Constant {
        /// The layer.
        layer: &'static str,
        /// The feature, by its name or as `number 3`.
        feature: String,
        /// Its value.
        value: f64,
        /// What became of it, and what to do.
        advice: &'static str,
    },
    /// Discrete data that use a small part of their levels.
    #[error(
        "the largest of all values is {highest}, of {levels} levels; if the data are images scaled to \
         0..=1, or have {} levels, say so: rescale them, or make the model with as many levels",
        highest + 1
    )]
    FewLevels {
        /// The largest value.
        highest: u32,
        /// The levels of the model.
        levels: u32,
    },
}

thread_local! {
    static GATHERED: RefCell<Option<Vec<Warning>>> = const { RefCell::new(None) };
}

impl Warning {
    /// Runs a computation, such as the fit of a flow's layers to a batch, and gathers what it warns of on
    /// this thread.
    ///
    /// Each warning is an event of `tracing` as well. In a program without a subscriber, where nobody
    /// would see it, it is written to standard error.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{ActNorm, Flow, Warning, base::StandardNormal};
    ///
    /// let device = Device::default();
    /// let flow = Flow::new(ActNorm::<2>::new(2, &device), StandardNormal::new(2));
    /// let x = Tensor::from_floats([[1.0, 5.0], [2.0, 5.0], [4.0, 5.0]], &device);
    /// let (flow, found) = Warning::gather(|| flow.initialize(x, &()));
    /// assert!(found[0].to_string().contains("feature number 1 is constant (5)"));
    /// # flow?;
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    pub fn gather<R>(run: impl FnOnce() -> R) -> (R, Vec<Warning>) {
        let outer = GATHERED.replace(Some(vec![]));
        let result = run();
        let found = GATHERED.replace(outer).unwrap_or_default();
        // Whoever gathers around this gathers it too.
        GATHERED.with_borrow_mut(|outer| {
            if let Some(outer) = outer {
                outer.extend(found.iter().cloned());
            }
        });
        (result, found)
    }
}

/// Tells whoever gathers, and whoever listens, or the user.
pub(crate) fn warn(warning: Warning) {
    tell(&warning.to_string());
    GATHERED.with_borrow_mut(|gathered| {
        if let Some(gathered) = gathered {
            gathered.push(warning);
        }
    });
}

/// An event of `tracing`, or a line on standard error where no subscriber takes events.
pub(crate) fn tell(message: &str) {
    let nobody = tracing::dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>());
    match nobody {
        true => eprintln!("warning: {message}"),
        false => tracing::warn!("{message}"),
    }
}
