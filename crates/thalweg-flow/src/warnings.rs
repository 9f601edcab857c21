//! Warnings of valid data and sizes that look wrong.

use std::cell::RefCell;

use thiserror::Error;
use tracing::subscriber::NoSubscriber;

use crate::integers::level::shortest;

/// Training data of a layer or a model that look wrong, or sizes that make a model another than its name
/// says.
///
/// ```
/// use thalweg_flow::Warning;
///
/// let warning = Warning::OneFeature { model: "RealNVP" };
/// assert!(warning.to_string().starts_with("RealNVP: of one feature"));
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Warning {
    /// A constant feature.
    #[error("{layer}: feature {feature} is constant ({}) in the data that the layer is fitted to; {advice}", shortest(*.value))]
    Constant {
        /// The layer.
        layer: &'static str,
        /// The feature, by its name or as `number 3`.
        feature: String,
        /// Its value.
        value: f64,
        /// The consequence, and advice.
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
    /// A flow of one feature, which has no other feature to compute parameters from.
    #[error(
        "{model}: of one feature nothing could be kept, so each of its layers transforms it with learned \
         parameters, or with a network of the condition"
    )]
    OneFeature {
        /// The model.
        model: &'static str,
    },
}

thread_local! {
    static GATHERED: RefCell<Option<Vec<Warning>>> = const { RefCell::new(None) };
}

impl Warning {
    /// Runs a computation, such as [`initialize`](crate::Flow::initialize), and collects its warnings on
    /// this thread.
    ///
    /// Each warning is also a `tracing` event, or a line on standard error in a program without a
    /// subscriber.
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
        // An outer call collects them too.
        GATHERED.with_borrow_mut(|outer| {
            if let Some(outer) = outer {
                outer.extend(found.iter().cloned());
            }
        });
        (result, found)
    }
}

/// Collects a warning and tells it.
pub(crate) fn warn(warning: Warning) {
    tell(&warning.to_string());
    GATHERED.with_borrow_mut(|gathered| {
        if let Some(gathered) = gathered {
            gathered.push(warning);
        }
    });
}

/// A `tracing` event, or a line on standard error where there is no subscriber.
pub(crate) fn tell(message: &str) {
    let silent = tracing::dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>());
    match silent {
        true => eprintln!("warning: {message}"),
        false => tracing::warn!("{message}"),
    }
}
