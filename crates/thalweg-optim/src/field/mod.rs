//! Vector fields: which way is down.

mod adam;
mod gradient;
mod groups;
mod inertia;
mod polyak;
mod rms;
mod rule;
mod whole;
mod wrap;

pub use adam::{Adam, Adamax};
pub use gradient::{Gradient, Sign};
pub use groups::Groups;
pub use inertia::Inertia;
pub use polyak::Polyak;
pub use rms::{Adagrad, Epsilon, Rms};
pub use rule::{Memory, Rule};
pub use whole::{Normalized, ScalarRms};
pub use wrap::{ClipNorm, Decay};

use std::fmt::Debug;

use crate::{EvaluationError, Loss, Remember, StateError};

use crate::Parameters;

/// A point of the parameters with what the objective is there.
#[derive(Debug, Clone, Copy)]
pub struct Point<'a> {
    /// θ.
    pub theta: &'a Parameters,
    /// L(θ).
    pub loss: &'a Loss,
    /// ‖∇L(θ)‖ over all parameters, which has been read to see that it is finite.
    pub norm: f64,
}

/// A direction of descent made of gradients: `θ̇ = −d(θ, ∇L, L, memory)`.
///
/// | field | `d` | memory |
/// |---|---|---|
/// | [`Gradient`] | `∇L` | |
/// | [`Sign`] | `sign ∇L` | |
/// | [`Normalized`] | `∇L / ‖∇L‖` | |
/// | [`Polyak`] | `L ∇L/‖∇L‖ · min(1/‖∇L‖, M)` | |
/// | [`Inertia`] | a decaying sum of `∇L` | one vector |
/// | [`ScalarRms`] | `∇L / √(G + ε)`, `G` a mean of `‖∇L‖²` | one number |
/// | [`Rms`] | the same, each component by its own | one vector |
/// | [`Adagrad`] | `∇L / (√Σ∇L² + ε)` | one vector |
/// | [`Adam`], [`Adamax`] | means of `∇L` over those of its size | two vectors |
/// | [`ClipNorm`], [`Decay`], [`Groups`] | another field's, of a shorter gradient, with weight decay, by parameter | the other's |
///
/// Memory moves once a step, however many stages an integrator has: each stage starts from the
/// memory before the step, so that within a step the field is one function of θ.
pub trait Field: Debug + Clone + Send {
    /// What it remembers of earlier steps.
    type Memory: Clone + Default + Debug + Send + Remember + 'static;

    /// `d` at a point, and the memory after a step from there.
    ///
    /// # Errors
    ///
    /// A loss that cannot be read, for the fields that need it.
    fn direction(
        &self,
        memory: &Self::Memory,
        point: Point<'_>,
        gradient: Parameters,
    ) -> Result<(Parameters, Self::Memory), EvaluationError>;

    /// Whose the memory is: a name, with the settings that take part in its making. By default the
    /// name of the type.
    fn name(&self) -> String {
        of_type::<Self>()
    }

    /// Whether gradients are squared in the type of their numbers, where they can overflow. By default
    /// they are not.
    fn squares(&self) -> bool {
        false
    }

    /// That the memory belongs to parameters like these. By default any does.
    ///
    /// # Errors
    ///
    /// [`StateError`], which names both.
    #[allow(unused_variables)] // the default looks at nothing
    fn check_memory(&self, memory: &Self::Memory, theta: &Parameters) -> Result<(), StateError> {
        Ok(())
    }
}

/// The name of a type without its path.
fn of_type<T: ?Sized>() -> String {
    let name = std::any::type_name::<T>();
    let plain = name.split('<').next().unwrap_or(name);
    let last = plain.rsplit("::").next().unwrap_or(plain);
    last.to_owned() + &name[plain.len()..]
}
