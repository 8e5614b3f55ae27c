//! Pictures in every script, beside those that were looked at: `golden/*.webp`, at half their size. `UPDATE_GOLDEN=1` writes them
//! anew, to be looked at again.
// a test may ask its environment
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

use std::path::PathBuf;

use nada_clip::{
    Artwork, Canvas, Credits, Excerpt, Form, Scene, Size, Song, Style, Theme, Tint, Typesetter, Wanted,
};
use nada_lyrics::{Hint, Kind, LanguageTag, Layer, Lyrics, parse};
use webp_animation::{
    ColorMode, Decoder, Encoder, EncoderOptions, EncodingConfig, EncodingType, LossyEncodingConfig,
};

/// How far the mean colour of 12 by 12 pixels may be from that of the picture that was looked at: what WebP loses, and what
/// another system's floating-point rounds otherwise, is less; a mark on a letter is more.
const TOLERANCE: f32 = 8.0;

/// The side of what is compared, in pixels of the halved picture.
const BLOCK: usize = 12;

/// A picture.
struct Case {
    name: &'static str,
    /// The language and text of each layer, the main one first. Words begin half a second after each other.
    layers: &'static [(&'static str, &'static str)],
    title: &'static str,
    artists: &'static str,
    size: Size,
    theme: Theme,
    /// A card that stands still, or where its words are lit, in ms, or a film at that time.
    form: (Form, i64),
}

const fn card(
    name: &'static str,
    layers: &'static [(&'static str, &'static str)],
    title: &'static str,
    artists: &'static str,
) -> Case {
    Case {
        name,
        layers,
        title,
        artists,
        size: Size::Square,
        theme: Theme::Dark,
        form: (Form::Animation, 1_700),
    }
}

const CASES: [Case; 18] = [
    card(
        "devanagari",
        &[("hi", "पोथी पढ़ि पढ़ि जग मुआ, पंडित भया न कोय।\nढाई आखर प्रेम का, पढ़े सो पंडित होय॥")],
        "कबीर के दोहे",
        "कबीर",
    ),
    card(
        "bengali",
        &[("bn", "আমার সোনার বাংলা, আমি তোমায় ভালোবাসি।\nচিরদিন তোমার আকাশ, তোমার বাতাস")],
        "আমার সোনার বাংলা",
        "রবীন্দ্রনাথ ঠাকুর",
    ),
    card(
        "gurmukhi",
        &[("pa", "ਬੁੱਲਾ ਕੀ ਜਾਣਾਂ ਮੈਂ ਕੌਣ\nਨਾ ਮੈਂ ਮੋਮਨ ਵਿਚ ਮਸੀਤਾਂ, ਨਾ ਮੈਂ ਵਿਚ ਕੁਫ਼ਰ ਦੀਆਂ ਰੀਤਾਂ")],
        "ਬੁੱਲਾ ਕੀ ਜਾਣਾਂ",
        "ਬੁੱਲ੍ਹੇ ਸ਼ਾਹ",
    ),
    card(
        "gujarati",
        &[("gu", "વૈષ્ણવ જન તો તેને કહિયે, જે પીડ પરાઈ જાણે રે\nપરદુઃખે ઉપકાર કરે તોયે, મન અભિમાન ન આણે રે")],
        "વૈષ્ણવ જન તો",
        "નરસિંહ મહેતા",
    ),
    card(
        "odia",
        &[("or", "ବନ୍ଦେ ଉତ୍କଳ ଜନନୀ\nଚାରୁହାସମୟୀ ଚାରୁଭାଷମୟୀ, ଜନନୀ, ଜନନୀ, ଜନନୀ।")],
        "ବନ୍ଦେ ଉତ୍କଳ ଜନନୀ",
        "ଲକ୍ଷ୍ମୀକାନ୍ତ ମହାପାତ୍ର",
    ),
    card(
        "tamil",
        &[("ta", "ஓடி விளையாடு பாப்பா, நீ ஓய்ந்திருக்கலாகாது பாப்பா\nகூடி விளையாடு பாப்பா, ஒரு குழந்தையை வையாதே பாப்பா")],
        "ஓடி விளையாடு பாப்பா",
        "பாரதியார்",
    ),
    card(
        "telugu",
        &[("te", "బ్రహ్మమొక్కటే పరబ్రహ్మమొక్కటే\nకందువగు హీనాధికము లిందు లేవు, అందరికి శ్రీహరే అంతరాత్మ")],
        "బ్రహ్మమొక్కటే",
        "అన్నమయ్య",
    ),
    card(
        "kannada",
        &[("kn", "ಭಾಗ್ಯದ ಲಕ್ಷ್ಮೀ ಬಾರಮ್ಮ, ನಮ್ಮಮ್ಮ ನೀ ಸೌಭಾಗ್ಯದ ಲಕ್ಷ್ಮೀ ಬಾರಮ್ಮ\nಗೆಜ್ಜೆ ಕಾಲ್ಗಳ ಧ್ವನಿಯ ತೋರುತ")],
        "ಭಾಗ್ಯದ ಲಕ್ಷ್ಮೀ ಬಾರಮ್ಮ",
        "ಪುರಂದರದಾಸ",
    ),
    card(
        "malayalam",
        &[("ml", "ഓമനത്തിങ്കൾക്കിടാവോ, നല്ല കോമളത്താമരപ്പൂവോ\nപൂവിൽ നിറഞ്ഞ മധുവോ, പരിപൂർണ്ണേന്ദു തന്റെ നിലാവോ")],
        "ഓമനത്തിങ്കൾക്കിടാവോ",
        "ഇരയിമ്മൻ തമ്പി",
    ),
    card("urdu", &[("ur", "دلِ ناداں تجھے ہوا کیا ہے\nآخر اِس درد کی دوا کیا ہے")], "دلِ ناداں", "مرزا غالب"),
    card(
        "latin",
        &[(
            "hi-Latn",
            "burā jo dēkhana maiṁ calā, burā na miliyā kōya\njō dila khōjā āpanā, mujhasē burā na kōya",
        )],
        "Burā jo dēkhana",
        "Kabīr",
    ),
    card(
        "indonesian",
        &[(
            "id",
            "Dari mana datangnya lintah? Dari sawah turun ke kali.\nDari mana datangnya cinta? Dari mata turun ke hati.",
        )],
        "Pantun",
        "Rakyat",
    ),
    card(
        "emoji",
        &[("hi", "दिल ❤️ धड़के 🔥 गीत 🎶 गाए\nrose 🌹 & rain 🌧️ — 👩‍🎤 🇮🇳 🇮🇩 ♪ ★")],
        "दिल ❤️",
        "Nada 🎤",
    ),
    card(
        "mixed",
        &[("ur", "میرا دل کہے hello world اور پھر bye\nدو ہزار 2026 میں OK")],
        "Hello دل",
        "Nada, ندا",
    ),
    card(
        "layers",
        &[
            ("hi", "बुरा जो देखन मैं चला,\nबुरा न मिलिया कोय।"),
            ("hi-Latn", "burā jo dekhan main chalā,\nburā na miliyā koy."),
            ("ur", "بُرا جو دیکھن میں چلا\nبُرا نہ ملیا کوئے"),
            ("en", "I set out to find the wicked,\nand not one wicked soul I found."),
        ],
        "बुरा जो देखन मैं चला",
        "Nada",
    ),
    Case {
        form: (Form::Film, 2_900),
        size: Size::Story,
        ..card(
            "film",
            &[
                (
                    "hi",
                    "बुरा जो देखन मैं चला,\nबुरा न मिलिया कोय।\nजो दिल खोजा आपना,\nमुझसे बुरा न कोय॥\nपोथी पढ़ि पढ़ि जग मुआ,",
                ),
                (
                    "en",
                    "I set out to find the wicked,\nand not one wicked soul I found.\nWhen I searched my own heart,\nnone was worse than I.\nThey die reading book after book,",
                ),
            ],
            "बुरा जो देखन मैं चला",
            "Nada",
        )
    },
    Case {
        form: (Form::Card, 0),
        size: Size::Wide,
        theme: Theme::Light,
        ..card(
            "wide",
            &[(
                "id",
                "Pisang emas dibawa berlayar,\nmasak sebiji di atas peti.\nHutang emas boleh dibayar,\nhutang budi dibawa mati.",
            )],
            "Pantun yang judulnya sangat panjang sekali, sampai tidak muat di sini dan harus dipotong",
            "Rakyat, dan banyak lagi penyanyi lainnya yang namanya panjang",
        )
    },
    Case {
        form: (Form::Card, 0),
        size: Size::Story,
        theme: Theme::Light,
        ..card(
            "story",
            &[("ta", "யாதும் ஊரே யாவரும் கேளிர்,\nதீதும் நன்றும் பிறர்தர வாரா")],
            "யாதும் ஊரே",
            "கணியன் பூங்குன்றனார்",
        )
    },
];

fn layer(lang: &LanguageTag, kind: Kind, text: &str) -> Layer {
    let mut at = 0;
    let stamp = |ms: i64| format!("{:02}:{:02}.{:02}", ms / 60_000, ms / 1000 % 60, ms % 1000 / 10);
    let lines = text.lines().map(|line| {
        let start = at;
        let words = line.split(' ').map(|word| {
            let word = format!("<{}>{word} ", stamp(at));
            at += 500;
            word
        });
        let words: String = words.collect();
        format!("[{}]{words}<{}>\n", stamp(start), stamp(at))
    });
    let file: String = lines.collect();
    parse(file.as_bytes(), &Hint { lang: lang.clone(), kind }).unwrap().layer
}

/// A song of such layers. Those below the main one have times of lines alone if they translate.
fn song(case: &Case) -> Song {
    let main: LanguageTag = case.layers[0].0.parse().unwrap();
    let layers = case.layers.iter().enumerate().map(|(index, (lang, text))| {
        let lang = lang.parse().unwrap();
        let kind = if index == 0 { Kind::Main } else { Kind::infer(Some(&main), &lang) };
        layer(&lang, kind, text)
    });
    let lyrics = Lyrics::new(layers.collect()).unwrap();
    let shown: Vec<LanguageTag> = lyrics.layers().iter().skip(1).map(|layer| layer.lang().clone()).collect();
    let credits = Credits {
        title: case.title.into(),
        artists: vec![case.artists.into()],
        label: Some("Nada Demo".into()),
    };
    Song::new(credits, &lyrics, &shown, 0, 60_000)
}

/// An artwork: two gradients, so that it can be seen which way up it is.
fn artwork() -> Artwork {
    let side = 300_u32;
    let pixels = (0..side * side).flat_map(|at| {
        let (x, y) = (at % side, at / side);
        [(x * 255 / side) as u8, (y * 255 / side) as u8, if x + y < side { 200 } else { 90 }]
    });
    Artwork::new(side, side, pixels.collect()).unwrap()
}

fn draw(case: &Case) -> (Canvas, Typesetter) {
    let mut typesetter = Typesetter::default();
    let song = song(case);
    let lines = Wanted::Lines(format!("1-{}", song.lines.len()).parse().unwrap());
    let excerpt: Excerpt = song.excerpt(&lines, case.form.0).unwrap();
    let art = artwork();
    let with_artwork = case.name == "story";
    let tint = if with_artwork { Tint::of_colour([200, 90, 40]) } else { Tint::of_track(case.name) };
    let style = Style { size: case.size, theme: case.theme, tint, artwork: with_artwork.then_some(&art) };
    let scene = match case.form.0 {
        Form::Film => Scene::film(&mut typesetter, &song.credits, &excerpt, &style),
        Form::Card | Form::Animation => Scene::card(&mut typesetter, &song.credits, &excerpt, &style),
    };
    let scene = scene.unwrap();
    let moment = if case.form.0 == Form::Card { scene.still() } else { scene.at(case.form.1 as f64) };
    let mut canvas = scene.canvas();
    scene.paint(&mut canvas, None, &moment);
    (canvas, typesetter)
}

/// A picture of half the width and height.
fn halved(canvas: &Canvas) -> Canvas {
    let (width, height) = (canvas.width / 2, canvas.height / 2);
    let mut half = Canvas::new(width, height, [0; 3]);
    for (at, part) in half.rgb.iter_mut().enumerate() {
        let (x, y, channel) = (at / 3 % width, at / 3 / width, at % 3);
        let one = |dx, dy| u32::from(canvas.rgb[((y * 2 + dy) * canvas.width + x * 2 + dx) * 3 + channel]);
        *part = ((one(0, 0) + one(1, 0) + one(0, 1) + one(1, 1) + 2) / 4) as u8;
    }
    half
}

/// The square pictures side by side, for the README.
fn sheet() -> Canvas {
    let squares: Vec<Canvas> = CASES
        .iter()
        .filter(|case| case.size == Size::Square)
        .map(|case| halved(&halved(&draw(case).0)))
        .collect();
    let side = squares[0].width;
    let (columns, gap) = (5, 6);
    let across = |count: usize| count * (side + gap) - gap;
    let mut sheet = Canvas::new(across(columns), across(squares.len().div_ceil(columns)), [255; 3]);
    for (index, square) in squares.iter().enumerate() {
        let (left, top) = (index % columns * (side + gap), index / columns * (side + gap));
        for row in 0..side {
            let at = ((top + row) * sheet.width + left) * 3;
            sheet.rgb[at..at + side * 3].copy_from_slice(square.rows(row..row + 1));
        }
    }
    sheet
}

fn file(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "golden", &format!("{name}.webp")].iter().collect()
}

fn write(name: &str, canvas: &Canvas) {
    let lossy = LossyEncodingConfig { use_sharp_yuv: true, ..LossyEncodingConfig::default() };
    let config = EncodingConfig { encoding_type: EncodingType::Lossy(lossy), quality: 92.0, method: 6 };
    let options = EncoderOptions {
        color_mode: ColorMode::Rgb,
        encoding_config: Some(config),
        ..EncoderOptions::default()
    };
    let mut encoder =
        Encoder::new_with_options((canvas.width as u32, canvas.height as u32), options).unwrap();
    encoder.add_frame(&canvas.rgb, 0).unwrap();
    std::fs::write(file(name), &*encoder.finalize(1000).unwrap()).unwrap();
}

fn read(name: &str) -> Canvas {
    let bytes = std::fs::read(file(name))
        .unwrap_or_else(|_| panic!("{name}: no golden picture; UPDATE_GOLDEN=1 writes it"));
    let frame = Decoder::new(&bytes).unwrap().into_iter().next().unwrap();
    let (width, height) = frame.dimensions();
    let rgb = frame.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    Canvas { width: width as usize, height: height as usize, rgb }
}

/// The largest difference between the mean colours of blocks of two pictures, and where.
fn difference(a: &Canvas, b: &Canvas) -> (f32, (usize, usize)) {
    assert_eq!((a.width, a.height), (b.width, b.height));
    let mut worst = (0.0, (0, 0));
    // blocks overlap, so that none is cut by a border between two
    for y in (0..a.height - BLOCK).step_by(BLOCK / 2) {
        for x in (0..a.width - BLOCK).step_by(BLOCK / 2) {
            let sum = |canvas: &Canvas, channel: usize| {
                let row = |dy| (0..BLOCK).map(move |dx| ((y + dy) * canvas.width + x + dx) * 3 + channel);
                (0..BLOCK).flat_map(row).map(|at| f32::from(canvas.rgb[at])).sum::<f32>()
            };
            let far = (0..3).map(|channel| (sum(a, channel) - sum(b, channel)).abs()).fold(0.0, f32::max);
            let far = far / (BLOCK * BLOCK) as f32;
            if far > worst.0 {
                worst = (far, (x, y));
            }
        }
    }
    worst
}

#[test]
fn pictures_are_those_that_were_looked_at() {
    let mut failures = Vec::new();
    for case in &CASES {
        let (canvas, typesetter) = draw(case);
        assert!(typesetter.missing().is_empty(), "{}: no font has {:?}", case.name, typesetter.missing());
        let half = halved(&canvas);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            write(case.name, &half);
        }
        let (far, at) = difference(&half, &read(case.name));
        if far > TOLERANCE {
            failures.push(format!("{} differs by {far:.1} at {at:?}", case.name));
        }
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        write("sheet", &sheet());
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn a_mark_more_or_less_is_seen() {
    // the last vowel sign, and a word that is lit in another colour
    let case = &CASES[0];
    let other = Case {
        layers: &[("hi", "पोथी पढ़ि पढ़ि जग मुआ, पंडित भया न कोय।\nढाई आखर प्रेम का, पढ़े सो पंडित होयु॥")],
        ..card("", &[], case.title, case.artists)
    };
    let later = Case { form: (Form::Animation, 2_300), ..card("", case.layers, case.title, case.artists) };
    let drawn = |case: &Case| halved(&draw(&Case { name: "devanagari", ..*case }).0);
    for changed in [&other, &later] {
        let (far, _) = difference(&drawn(case), &drawn(changed));
        assert!(far > 2.0 * TOLERANCE, "{far}");
    }
}
