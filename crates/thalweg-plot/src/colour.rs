//! Colours.

use image::Rgb;
use plotters::prelude::RGBColor;

/// The colour of a value that is not a number.
pub(crate) const LOUD: Rgb<u8> = Rgb([255, 0, 255]);

/// The background between tiles.
pub(crate) const BACKGROUND: Rgb<u8> = Rgb([96, 96, 96]);

/// The colours of Okabe and Ito, "Color Universal Design", 2008, which people with any common colour
/// blindness can distinguish; without their yellow, which is invisible on white.
const SERIES: [[u8; 3]; 7] = [
    [0, 114, 178],
    [213, 94, 0],
    [0, 158, 115],
    [204, 121, 167],
    [86, 180, 233],
    [230, 159, 0],
    [0, 0, 0],
];

/// The colour of a series; they repeat.
pub(crate) fn series(index: usize) -> RGBColor {
    let [red, green, blue] = SERIES[index % SERIES.len()];
    RGBColor(red, green, blue)
}

/// The grey of areas that a line or a bar should lie in.
pub(crate) const BAND: RGBColor = RGBColor(205, 205, 205);

/// Colours of the viridis map (Smith and van der Walt, 2015) at equal distances. Its lightness grows
/// evenly.
const VIRIDIS: [[u8; 3]; 9] = [
    [68, 1, 84],
    [71, 44, 122],
    [59, 81, 139],
    [44, 113, 142],
    [33, 144, 141],
    [39, 173, 129],
    [92, 200, 99],
    [170, 220, 50],
    [253, 231, 37],
];

/// The viridis colour at `share` in `0..=1`, by linear interpolation.
pub(crate) fn viridis(share: f64) -> Rgb<u8> {
    let place = share.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let index = (place as usize).min(VIRIDIS.len() - 2);
    let part = place - index as f64;
    let (low, high) = (VIRIDIS[index], VIRIDIS[index + 1]);
    let mix =
        |c: usize| (f64::from(low[c]) * (1.0 - part) + f64::from(high[c]) * part).round() as u8;
    Rgb([mix(0), mix(1), mix(2)])
}
