//! What passes without a tape did.

/// What a [`Reversible`](super::Reversible) did, its last pass and all before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Gradients that were given.
    pub passes: usize,
    /// Passes that were made again, since an input had drifted too far.
    pub repeated: usize,
    /// Layers of the flow: what chains apply one by one.
    pub layers: usize,
    /// Of how many of them the last pass kept the input, those that drift asked for included.
    pub kept: usize,
    /// Layers whose input is kept since it had drifted too far without, by their number.
    pub anchors: Vec<usize>,
    /// Memory of the inputs that the last pass kept.
    pub kept_bytes: usize,
    /// Memory that the inputs of all layers would take.
    pub all_bytes: usize,
    /// The largest drift of an input in the last pass, relative to its size.
    pub drift: f64,
}
