//! Data sets inside the crate; `embed/LICENSES.md` holds their origins and licences.

use std::fmt::Display;

use crate::DataError;
#[cfg(feature = "tables")]
use crate::Table;
use crate::read::{FileError, MAX_BYTES, bytes, decompressed};
use crate::{Columns, CsvOptions, Images, NumericTable};

/// The bytes of a file of the folder `embed`.
macro_rules! embedded {
    ($name:literal) => {
        include_bytes!(concat!("../embed/", $name)).as_slice()
    };
}

/// Handwritten digits of 8 × 8 pixels and 17 levels, 1797 of them, with labels 0 to 9.
///
/// E. Alpaydin, C. Kaynak, "Optical recognition of handwritten digits", UCI Machine Learning
/// Repository 80, 1998: the test part, as scikit-learn ships it.
///
/// ```
/// let digits = thalweg_data::digits();
/// assert_eq!((digits.count(), digits.size(), digits.levels()), (1797, [1, 8, 8], 17));
/// assert!(digits.labels().unwrap().iter().all(|label| *label < 10));
/// ```
pub fn digits() -> Images {
    let images = embedded!("digits1797-images-idx3-ubyte.gz");
    let labels = embedded!("digits1797-labels-idx1-ubyte.gz");
    expect_valid(labelled(images, labels).with_levels(17))
}

/// Clothes of 28 × 28 pixels and 256 levels, with labels 0 to 9: the first 2000 training and the
/// first 400 test images of Fashion-MNIST.
///
/// H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine
/// learning algorithms", 2017. [`Images::mnist`] reads the whole set.
///
/// ```
/// let (train, test) = thalweg_data::fashion_mnist();
/// assert_eq!((train.count(), test.count(), train.size()), (2000, 400, [1, 28, 28]));
/// ```
pub fn fashion_mnist() -> (Images, Images) {
    let train = labelled(
        embedded!("fashion2000-train-images-idx3-ubyte.gz"),
        embedded!("fashion2000-train-labels-idx1-ubyte.gz"),
    );
    let test = labelled(
        embedded!("fashion400-test-images-idx3-ubyte.gz"),
        embedded!("fashion400-test-labels-idx1-ubyte.gz"),
    );
    (train, test)
}

/// Faces and people in colour of 16 × 16 pixels and 256 levels on white, 997 of them: the people
/// of Noto Emoji.
///
/// [`Images::names`] are short names such as `boy+1F3FB`, where the part after `+` is a skin tone;
/// [`Images::groups`] are the 172 designs, such as `boy`. The tones of a design differ in colour
/// only, so split by group:
///
/// ```
/// use thalweg_data::{RowSplit, noto_people};
///
/// let people = noto_people();
/// let split = RowSplit::by_group(people.groups().unwrap_or_default(), [0.8, 0.1, 0.1], 0)?;
/// let [train, test] = [&split.train, &split.test].map(|part| people.select(part));
/// let groups = |images: &thalweg_data::Images| images.groups().unwrap_or_default().to_vec();
/// assert!(groups(&train).iter().all(|group| !groups(&test).contains(group)));
/// # Ok::<(), thalweg_data::DataError>(())
/// ```
pub fn noto_people() -> Images {
    let images = embedded!("notoemoji-people-16-idx4-ubyte.gz");
    let images = expect_valid(decompressed(images).and_then(Images::parse_idx));
    let csv = decompressed(embedded!("notoemoji-people-names.csv.gz"));
    let csv = expect_valid(csv.and_then(|csv| bytes(csv, MAX_BYTES)));
    let csv = expect_valid(String::from_utf8(csv));
    // The file has no quotes, and the names are its last column.
    let names = csv
        .lines()
        .skip(1)
        .filter_map(|line| line.rsplit(',').next());
    let names: Vec<String> = names.map(ToString::to_string).collect();
    let design = |name: &String| name.split('+').next().unwrap_or(name).to_string();
    let groups = names.iter().map(design).collect();
    images.named(names, groups)
}

/// Hourly weather at the airports of New York in 2013: 23,006 rows of temperature, dew point,
/// humidity, wind speed, pressure and visibility, with the widths of their rounding.
///
/// H. Wickham, "nycflights13: flights that departed NYC in 2013", R package.
///
/// ```
/// let weather = thalweg_data::nyc_weather();
/// assert_eq!((weather.rows(), weather.columns()), (23_006, 6));
/// assert!(weather.widths().is_some());
/// ```
pub fn nyc_weather() -> NumericTable {
    let weather = table(WEATHER, Columns::named(&MEASURED.map(|(name, ..)| name)));
    expect_valid(weather.with_widths(MEASURED.map(|(_, width, _)| width).to_vec()))
}

const WEATHER: &[u8] = embedded!("nyc_weather.csv.gz");

/// The measured columns of the weather, their rounding and their units: temperatures were recorded in tenths
/// of a kelvin, wind speeds in knots.
const MEASURED: [(&str, f64, &str); 6] = [
    ("temp", 0.18, "°F"),
    ("dewp", 0.18, "°F"),
    ("humid", 0.05, "%"),
    ("wind_speed", 1.15, "mph"),
    ("pressure", 0.1, "mbar"),
    ("visib", 0.05, "mi"),
];

/// The measured columns of the penguins, their rounding and their units.
const BODY: [(&str, f64, &str); 4] = [
    ("bill_length_mm", 0.1, "mm"),
    ("bill_depth_mm", 0.1, "mm"),
    ("flipper_length_mm", 1.0, "mm"),
    ("body_mass_g", 25.0, "g"),
];

const PENGUINS: &[u8] = embedded!("penguins.csv.gz");

/// Penguins of the Palmer archipelago: 342 rows of bill length, bill depth, flipper length (mm)
/// and body mass (g), the species as class.
///
/// A. M. Horst, A. P. Hill, K. B. Gorman, "palmerpenguins: Palmer Archipelago (Antarctica) penguin
/// data", 2020.
///
/// ```
/// let penguins = thalweg_data::penguins();
/// assert_eq!((penguins.rows(), penguins.columns(), penguins.classes().len()), (342, 4, 3));
/// ```
pub fn penguins() -> NumericTable {
    let columns = Columns::named(&BODY.map(|(name, ..)| name)).with_label("species");
    table(PENGUINS, columns)
}

impl Images {
    /// A set of images inside the crate.
    ///
    /// | name | images |
    /// |---|---|
    /// | `digits` | [`digits`]: 1,797 of 8 × 8 pixels, 17 levels |
    /// | `fashion` | the training part of [`fashion_mnist`]: 2,000 of 28 × 28 pixels |
    /// | `faces` | [`noto_people`]: 997 in colour of 16 × 16 pixels |
    ///
    /// ```
    /// assert_eq!(thalweg_data::Images::embedded("digits")?.count(), 1797);
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Embedded`] for another name, which lists the names.
    pub fn embedded(name: &str) -> Result<Self, DataError> {
        match name {
            "digits" => Ok(digits()),
            "fashion" => Ok(fashion_mnist().0),
            "faces" => Ok(noto_people()),
            _ => Err(DataError::Embedded {
                name: name.to_owned(),
                known: "digits, fashion and faces",
            }),
        }
    }
}

/// Whole tables.
#[cfg(feature = "tables")]
impl Table {
    /// A table inside the crate, with widths and units where they are known.
    ///
    /// | name | rows | columns |
    /// |---|---|---|
    /// | `weather` | 23,006 hours at the airports of New York in 2013 | `origin` (the airport), `month`, `day`, `hour`, `temp`, `dewp` (°F), `humid` (%), `wind_dir` (°), `wind_speed` (mph), `pressure` (mbar), `visib` (mi), `time_hour` |
    /// | `penguins` | 342 penguins | `bill_length_mm`, `bill_depth_mm`, `flipper_length_mm`, `body_mass_g`, `species`, `sex` (9 missing), `island`, `year` |
    ///
    /// [`nyc_weather`] and [`penguins`] give the measurements alone, and the sources.
    ///
    /// ```
    /// use thalweg_data::Table;
    ///
    /// let weather = Table::embedded("weather")?;
    /// assert_eq!(weather.require("temp")?.unit(), Some("°F"));
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Embedded`] for another name, which lists the names.
    pub fn embedded(name: &str) -> Result<Self, DataError> {
        let direction = ("wind_dir", 10.0, "°");
        let (csv, known) = match name {
            "weather" => (WEATHER, [&MEASURED[..], &[direction]].concat()),
            "penguins" => (PENGUINS, BODY.to_vec()),
            _ => {
                return Err(DataError::Embedded {
                    name: name.to_owned(),
                    known: "weather and penguins",
                });
            }
        };
        let mut table = Self::parse(csv, &CsvOptions::new())?;
        for (name, width, unit) in known {
            let column = table.require(name)?.clone();
            table = table.with_column(column.with_width(width).with_unit(unit))?;
        }
        Ok(table)
    }
}

fn labelled(images: &[u8], labels: &[u8]) -> Images {
    let images = decompressed(images).and_then(Images::parse_idx);
    let labelled = |images: Images| images.labelled(decompressed(labels)?);
    expect_valid(images.and_then(labelled))
}

fn table(csv: &[u8], columns: Columns) -> NumericTable {
    let text: Result<_, FileError> = decompressed(csv);
    let options = CsvOptions::new().columns(columns);
    expect_valid(options.parse("an embedded file".as_ref(), expect_valid(text)))
}

/// The content of an embedded file; a test reads the files of each function above.
fn expect_valid<T, E: Display>(read: Result<T, E>) -> T {
    match read {
        Ok(data) => data,
        Err(error) => unreachable!("an embedded file is damaged: {error}"),
    }
}
