//! Samples, their contexts, and memory for them.

/// Samples, whose numbers begin at equal strides, and their log-determinants, if somebody reads them.
///
/// See [`PackedAutoregressive`](crate::PackedAutoregressive) for an example.
#[derive(Debug)]
pub struct Rows<'a> {
    /// The features of each sample come first.
    pub numbers: &'a mut [f32],
    /// From sample to sample.
    pub stride: usize,
    /// One a sample: the sum of the logarithms of the slopes is added.
    pub log_dets: Option<&'a mut [f64]>,
}

/// The context vectors of samples.
///
/// See [`Modulated`](crate::Modulated) for an example.
#[derive(Debug, Clone, Copy)]
pub struct Contexts<'a> {
    /// The first of them begins here.
    pub numbers: &'a [f32],
    /// From sample to sample; 0 where one vector is for all.
    pub stride: usize,
}

impl Contexts<'static> {
    /// For a network that takes none.
    pub const NONE: Self = Self {
        numbers: &[],
        stride: 0,
    };
}

impl<'a> Contexts<'a> {
    /// Those from a sample on.
    pub(super) fn from(self, sample: usize) -> Self {
        let numbers = &self.numbers[sample * self.stride..];
        Self { numbers, ..self }
    }
}

/// Memory of evaluations, which calls use again.
///
/// See [`PackedAutoregressive`](crate::PackedAutoregressive) for an example.
#[derive(Debug, Clone, Default)]
pub struct MaskedMemory {
    /// The features of a block, feature by feature.
    pub(super) numbers: Vec<f32>,
    pub(super) inputs: Vec<f32>,
    /// The numbers of a context that shift and scale units.
    pub(super) modulation: Vec<f32>,
    pub(super) sums: Vec<f32>,
    pub(super) active: Vec<f32>,
    /// The parameters of a block of numbers, parameter by parameter.
    pub(super) columns: Vec<f32>,
}

impl MaskedMemory {
    /// Addresses and sizes, for tests.
    #[doc(hidden)]
    pub fn places(&self) -> [(*const f32, usize); 6] {
        let all = [
            &self.numbers,
            &self.inputs,
            &self.modulation,
            &self.sums,
            &self.active,
            &self.columns,
        ];
        all.map(|vector| (vector.as_ptr(), vector.capacity()))
    }
}
