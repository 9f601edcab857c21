//! Where a second-order system is.

/// A position and a velocity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phase<S> {
    /// `q`.
    pub position: S,
    /// `v = q̇`.
    pub velocity: S,
}

/// What a step that ends with a kick returns.
#[derive(Debug, Clone, PartialEq)]
pub struct Kicked<S> {
    /// Position and velocity at `t + h`.
    pub phase: Phase<S>,
    /// `a(q)` there, which the next step starts with.
    pub acceleration: S,
    /// How many times the acceleration was evaluated: 1, and 1 more if the first was not known.
    pub evaluations: usize,
}

/// `a(q)`, evaluated if it is not known.
pub(crate) fn acceleration_at<S: Clone, E>(
    acceleration: &mut impl FnMut(&S) -> Result<S, E>,
    position: &S,
    known: Option<&S>,
) -> Result<(S, usize), E> {
    match known {
        Some(known) => Ok((known.clone(), 0)),
        None => Ok((acceleration(position)?, 1)),
    }
}
