//! RealNVP's coupling between neighbouring pixels.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Int, Tensor, TensorData};

use crate::coupling::{check_kept, check_parameters};
use crate::numerics::nothing;
use crate::reversible::through_coupling;
use crate::{Bijection, FlowError, LogDet, Network, Slope, Transformer, WayBack, probe};

/// Keeps the pixels of one colour of a checkerboard and transforms those of the other, each
/// channel alike: `z_t = τ(x_t; m(b ⊙ x))` with the mask `b` of the kept pixels.
///
/// The conditioner sees a whole image, zero where pixels are transformed, and returns parameters
/// for a whole image, of which those at the transformed pixels are read.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Affine, Bijection, Checkerboard, ConvNetConfig, Noise};
///
/// let device = Device::default();
/// let net = ConvNetConfig::new(1, 8, 2).init(&mut Noise::seeded(0), &device);
/// let coupling = Checkerboard::new(Affine::new(), net);
/// let (z, log_det) = coupling.forward(Tensor::<4>::ones([3, 1, 5, 5], &device), &());
/// assert_eq!((z.dims(), log_det.dims()), ([3, 1, 5, 5], [3]));
/// ```
///
/// # Shapes
///
/// `[batch, channels, height, width]` to the same; any number of channels, odd sizes as well.
///
/// # Panics
///
/// When the conditioner returns another number of parameters than the transformer takes, and on
/// an image of one pixel.
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, section 3.4 and
/// figure 3.
#[derive(Module, Debug)]
pub struct Checkerboard<T: Module + ModuleDisplay, N: Module + ModuleDisplay> {
    keeps_odd: bool,
    pub(crate) transformer: T,
    pub(crate) conditioner: N,
}

impl<T: Transformer, N: Module + ModuleDisplay> Checkerboard<T, N> {
    /// Keeps the pixels whose row and column add up to an even number.
    pub fn new(transformer: T, conditioner: N) -> Self {
        Self {
            keeps_odd: false,
            transformer,
            conditioner,
        }
    }

    /// The same with the colours exchanged.
    pub fn swapped(self) -> Self {
        Self {
            keeps_odd: !self.keeps_odd,
            ..self
        }
    }

    /// Swapped in every other layer: what a stack of couplings wants.
    pub fn alternating(self, layer: usize) -> Self {
        if layer.is_multiple_of(2) {
            self
        } else {
            self.swapped()
        }
    }

    /// The positions that are kept, and those that are transformed.
    pub(crate) fn colours(&self, [height, width]: [usize; 2]) -> [Vec<usize>; 2] {
        colours([height, width], self.keeps_odd)
    }

    /// What becomes of a batch without rows, if this is one of images that the network takes.
    fn nothing<C>(&self, x: &Tensor<4>) -> Option<(Tensor<4>, LogDet)>
    where
        N: Network<C, 4>,
    {
        let nothing = nothing(x)?;
        check_kept(
            "Checkerboard",
            self.conditioner.inputs(),
            x.dims()[1],
            x.dims(),
        );
        Some(nothing)
    }

    /// `x` divided by colours, and the parameters for the transformed one.
    fn parts<C>(&self, x: Tensor<4>, context: &C) -> (Board, [Tensor<3>; 2], Tensor<3>)
    where
        N: Network<C, 4>,
    {
        let board = Board::of(&x, self.keeps_odd);
        let parts = board.split(x);
        let parameters = self.parameters(&board, &parts[0], context);
        (board, parts, parameters)
    }

    /// What the network gives for the transformed pixels.
    fn parameters<C>(&self, board: &Board, kept: &Tensor<3>, context: &C) -> Tensor<3>
    where
        N: Network<C, 4>,
    {
        let blank = board.blank(kept);
        let image = blank.dims();
        check_kept("Checkerboard", self.conditioner.inputs(), image[1], image);
        let parameters = self.conditioner.apply(blank, context);
        probe::output("the conditioner of a Checkerboard", &parameters);
        check_parameters(&self.transformer, &parameters, image);
        let [_, parameters] = board.split(parameters);
        parameters
    }
}

impl<C, T: Transformer, N: Network<C, 4>> Bijection<C> for Checkerboard<T, N> {
    type Data = Tensor<4>;
    type Latent = Tensor<4>;

    fn forward(&self, x: Tensor<4>, context: &C) -> (Tensor<4>, LogDet) {
        if let Some(nothing) = self.nothing::<C>(&x) {
            return nothing;
        }
        let (board, [kept, transformed], parameters) = self.parts(x, context);
        let step = self.transformer.forward(transformed, parameters);
        let (transformed, log_det) = probe::layer("Checkerboard", step);
        (board.merge(kept, transformed), log_det)
    }

    fn inverse(&self, z: Tensor<4>, context: &C) -> (Tensor<4>, LogDet) {
        if let Some(nothing) = self.nothing::<C>(&z) {
            return nothing;
        }
        let (board, [kept, transformed], parameters) = self.parts(z, context);
        let step = self.transformer.inverse(transformed, parameters);
        let (transformed, log_det) = probe::layer("Checkerboard", step);
        (board.merge(kept, transformed), log_det)
    }

    fn backward_on(&self, z: Slope<Tensor<4>>, context: &C, way: &mut WayBack) -> Slope<Tensor<4>> {
        if let Some(x) = way.kept() {
            return way.through(self, x, &z.gradient, |x| self.forward(x, context));
        }
        let board = Board::of(&z.value, self.keeps_odd);
        through_coupling(
            way,
            self,
            &self.transformer,
            board.split(z.value),
            board.split(z.gradient),
            |kept| self.parameters(&board, kept, context),
            |kept, transformed| board.merge(kept, transformed),
        )
    }

    fn initialize(mut self, x: Tensor<4>, context: &C) -> Result<(Self, Tensor<4>), FlowError> {
        let board = Board::of(&x, self.keeps_odd);
        let [kept, _] = board.split(x.clone());
        self.conditioner = self.conditioner.initialize(board.blank(&kept), context)?;
        let (z, _) = self.valid().forward(x, context);
        Ok((self, z))
    }
}

/// The positions that are kept, and the others.
fn colours([height, width]: [usize; 2], keeps_odd: bool) -> [Vec<usize>; 2] {
    let is_kept = |position: &usize| {
        let odd = (position / width + position % width) % 2 == 1;
        odd == keeps_odd
    };
    let (kept, transformed) = (0..height * width).partition(is_kept);
    [kept, transformed]
}

/// The positions of an image of one size, by colour.
struct Board {
    height: usize,
    width: usize,
    kept: Tensor<1, Int>,
    transformed: Tensor<1, Int>,
    /// Where each position lies in `[kept | transformed]`.
    places: Tensor<1, Int>,
}

impl Board {
    fn of(x: &Tensor<4>, keeps_odd: bool) -> Self {
        let [_, _, height, width] = x.dims();
        assert!(
            height * width > 1,
            "a checkerboard keeps one pixel or more and transforms one or more, got images of \
             {height} × {width} in {:?}",
            x.dims()
        );
        let [kept, transformed] = colours([height, width], keeps_odd);
        let mut places = vec![0; height * width];
        for (place, position) in kept.iter().chain(&transformed).enumerate() {
            places[*position] = place;
        }
        let device = x.device().without_autodiff();
        let tensor = |indices: Vec<usize>| {
            let indices: Vec<i64> = indices.into_iter().map(|i| i as i64).collect();
            let count = indices.len();
            Tensor::from_data(TensorData::new(indices, [count]), &device)
        };
        Self {
            height,
            width,
            kept: tensor(kept),
            transformed: tensor(transformed),
            places: tensor(places),
        }
    }

    /// `[kept, transformed]`, each `[batch, channels, pixels]`.
    fn split(&self, x: Tensor<4>) -> [Tensor<3>; 2] {
        let pixels: Tensor<3> = x.flatten(2, 3);
        let kept = pixels.clone().select(2, self.kept.clone());
        [kept, pixels.select(2, self.transformed.clone())]
    }

    fn merge(&self, kept: Tensor<3>, transformed: Tensor<3>) -> Tensor<4> {
        let [batch, channels, _] = kept.dims();
        Tensor::cat(vec![kept, transformed], 2)
            .select(2, self.places.clone())
            .reshape([batch, channels, self.height, self.width])
    }

    /// The kept pixels in an image that is zero elsewhere.
    fn blank(&self, kept: &Tensor<3>) -> Tensor<4> {
        let [batch, channels, pixels] = kept.dims();
        let shape = [batch, channels, self.height * self.width - pixels];
        let zeros = Tensor::zeros(shape, (&kept.device(), kept.dtype()));
        self.merge(kept.clone(), zeros)
    }
}
