//! What a context and fixed factors do to the units of a masked network.

use std::ops::Range;

use super::{Degrees, PackedMasked};

/// What happens at a layer of a masked network beside its product: `y = (W a(f ⊙ h + g) + b + s) ⊙ m`.
///
/// The factors `f` and summands `g` are fixed, those of a batch normalization. The summands `s` and factors `m` are
/// numbers of the context vector behind the inputs of the first layer: a function of the context alone.
///
/// ```
/// use thalweg_kernels::{
///     Activation, Contexts, Degrees, Direction, Map, MaskedMemory, Modulated, PackedAutoregressive,
///     PackedMasked, Rows, Shift,
/// };
///
/// // Of one feature nothing is seen, so that z = x + (1 + s) · m.
/// let degrees = Degrees::new(vec![0], 0, 1, vec![]);
/// let network = PackedMasked::new(&degrees, vec![(vec![0.0], vec![1.0])], Activation::Relu);
/// let modulated = Modulated { shift: Some(0), gate: Some(1), norm: None };
/// let network = network.modulated(&degrees, vec![modulated], 2);
/// assert_eq!(network.given(), 2);
///
/// let layer = PackedAutoregressive::new(network, Map::Shift(Shift { subtracts: false }), vec![]);
/// let mut x = [5.0];
/// let rows = Rows { numbers: &mut x, stride: 1, log_dets: None };
/// let context = Contexts { numbers: &[2.0, 10.0], stride: 2 };
/// layer.apply(Direction::Forward, rows, context, &mut MaskedMemory::default());
/// assert_eq!(x, [5.0 + (1.0 + 2.0) * 10.0]);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Modulated {
    /// `f` and `g`, one each an input of the layer.
    pub norm: Option<[Vec<f32>; 2]>,
    /// Where `s` begins among those numbers.
    pub shift: Option<usize>,
    /// Where `m` begins.
    pub gate: Option<usize>,
}

/// The same by units and inputs that are sorted by degree.
#[derive(Debug, Clone, Default)]
pub(super) struct Modulation {
    norm: Option<[Vec<f32>; 2]>,
    /// The place of the number of each unit.
    shift: Option<Vec<usize>>,
    gate: Option<Vec<usize>>,
}

impl PackedMasked {
    /// The same network with modulated layers, which read `numbers` more of each context vector.
    ///
    /// See [`Modulated`] for an example.
    ///
    /// # Panics
    ///
    /// Unless there is one for each layer, each finds its numbers, and those with a norm stand behind an activation in
    /// a residual network.
    pub fn modulated(mut self, degrees: &Degrees, layers: Vec<Modulated>, numbers: usize) -> Self {
        let (found, expected) = (layers.len(), self.layers.len());
        assert!(
            found == expected,
            "a masked network of {expected} layers got modulations of {found}"
        );
        let (levels, arranged) = (degrees.levels(), degrees.arranged());
        self.given = self.context + numbers;
        for (index, modulated) in layers.into_iter().enumerate() {
            let Modulated { norm, shift, gate } = modulated;
            let (from, to) = (&arranged[index].units, &arranged[index + 1].units);
            let (inputs, units) = (levels[index].len(), levels[index + 1].len());
            let places = |first: usize| {
                assert!(
                    first + units <= numbers,
                    "{units} numbers from {first} on are not among {numbers}"
                );
                to.iter().map(|unit| first + unit).collect()
            };
            let norm = norm.map(|norm| {
                assert!(
                    self.residual && degrees.activates(index),
                    "only an activation of a residual network has a norm in front, not layer {index}"
                );
                norm.map(|numbers| {
                    let found = numbers.len();
                    assert!(found == inputs, "{inputs} inputs got a norm of {found}");
                    from.iter().map(|input| numbers[*input]).collect()
                })
            });
            self.layers[index].modulation = Modulation {
                norm,
                shift: shift.map(places),
                gate: gate.map(places),
            };
        }
        self
    }
}

impl Modulation {
    /// `y ← (y + s) ⊙ m` of the units from `first` on, of `L` samples side by side.
    #[inline(always)]
    pub(super) fn apply<const L: usize>(
        &self,
        first: usize,
        units: &mut [[f32; L]],
        numbers: &[[f32; L]],
    ) {
        let change =
            |places: &Option<Vec<usize>>, units: &mut [[f32; L]], of: fn(&mut f32, f32)| {
                let Some(places) = places else {
                    return;
                };
                for (unit, place) in units.iter_mut().zip(&places[first..]) {
                    let numbers = unit.iter_mut().zip(&numbers[*place]);
                    numbers.for_each(|(unit, number)| of(unit, *number));
                }
            };
        change(&self.shift, units, |unit, number| *unit += number);
        change(&self.gate, units, |unit, number| *unit *= number);
    }

    /// `f ⊙ h + g` of some inputs of one sample, with room for it, or `h` itself.
    #[inline(always)]
    pub(super) fn normed<'a>(
        &self,
        inputs: Range<usize>,
        h: &'a [f32],
        room: &'a mut [f32],
    ) -> &'a [f32] {
        if self.norm.is_none() {
            return h;
        }
        let room = &mut room[..h.len()];
        self.copy_normed(inputs, h.as_chunks::<1>().0, room.as_chunks_mut().0);
        room
    }

    /// `y = f ⊙ h + g`, or `h` itself, of some inputs of samples side by side.
    #[inline(always)]
    pub(super) fn copy_normed<const L: usize>(
        &self,
        inputs: Range<usize>,
        h: &[[f32; L]],
        y: &mut [[f32; L]],
    ) {
        let Some([factors, summands]) = &self.norm else {
            y.copy_from_slice(h);
            return;
        };
        let norms = factors[inputs.clone()].iter().zip(&summands[inputs]);
        for ((y, h), (f, g)) in y.iter_mut().zip(h).zip(norms) {
            y.iter_mut().zip(h).for_each(|(y, h)| *y = h * f + g);
        }
    }
}
