//! MP4 files of AAC, with whatever a writer may have said in them.

/// A file with its samples in tables.
#[derive(Clone)]
pub struct M4a<'a> {
    /// AudioSpecificConfig.
    pub config: &'a [u8],
    pub units: &'a [Vec<u8>],
    /// Ticks per second of the media and of the movie.
    pub scale: u32,
    pub movie_scale: u32,
    /// What each unit lasts.
    pub step: u32,
    /// What `mdhd` states.
    pub length: u32,
    /// An edit: length in the movie's ticks, start in the media's.
    pub edit: Option<(u32, u32)>,
    /// The priming, padding and length of `iTunSMPB`.
    pub tag: Option<[u32; 3]>,
    /// Entries of `stts`; one for all units if there are none.
    pub times: Vec<(u32, u32)>,
    /// Units that the tables name; the others lie behind them.
    pub tabled: usize,
    /// `mehd`, before fragments.
    pub fragments: Option<u32>,
}

impl<'a> M4a<'a> {
    /// A file without an edit list.
    pub fn new(config: &'a [u8], units: &'a [Vec<u8>], scale: u32, step: u32) -> Self {
        let length = units.len() as u32 * step;
        Self {
            config,
            units,
            scale,
            movie_scale: scale,
            step,
            length,
            edit: None,
            tag: None,
            times: Vec::new(),
            tabled: units.len(),
            fragments: None,
        }
    }

    /// The file, its index first.
    pub fn bytes(&self) -> Vec<u8> {
        let start = self.head(0).len() as u32 + 8;
        [self.head(start), boxed(b"mdat", &self.units[..self.tabled].concat())].concat()
    }

    fn head(&self, start: u32) -> Vec<u8> {
        let u32s =
            |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<u8>>();
        let tabled = &self.units[..self.tabled];
        let esds = {
            let info = [&[5, self.config.len() as u8][..], self.config].concat();
            let decoder = [&[4, 13 + info.len() as u8, 0x40, 0x15][..], &[0; 11], &info].concat();
            [&[0, 0, 0, 0, 3, 3 + decoder.len() as u8 + 3, 0, 1, 0][..], &decoder, &[6, 1, 2]].concat()
        };
        let entry = [
            &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 16, 0, 0, 0, 0][..],
            &u32s(&[44_100 << 16]),
            &boxed(b"esds", &esds),
        ]
        .concat();
        let times = match &self.times[..] {
            [] => u32s(&[0, 1, tabled.len() as u32, self.step]),
            times => [
                u32s(&[0, times.len() as u32]),
                times.iter().flat_map(|&(n, step)| u32s(&[n, step])).collect(),
            ]
            .concat(),
        };
        let sizes: Vec<u32> = tabled.iter().map(|unit| unit.len() as u32).collect();
        let chunks = u32::from(!tabled.is_empty());
        let stbl = [
            boxed(b"stsd", &[u32s(&[0, 1]), boxed(b"mp4a", &entry)].concat()),
            boxed(b"stts", &times),
            boxed(b"stsc", &u32s(&[0, 1, 1, tabled.len() as u32, 1])),
            boxed(b"stsz", &[u32s(&[0, 0, tabled.len() as u32]), u32s(&sizes)].concat()),
            boxed(b"stco", &[u32s(&[0, chunks]), u32s(&[start])[..4 * chunks as usize].to_vec()].concat()),
        ];
        let minf = [boxed(b"smhd", &[0; 8]), boxed(b"stbl", &stbl.concat())];
        let mdia = [
            boxed(b"mdhd", &u32s(&[0, 0, 0, self.scale, self.length, 0])),
            boxed(b"hdlr", b"\0\0\0\0\0\0\0\0soun\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            boxed(b"minf", &minf.concat()),
        ];
        let edit = self
            .edit
            .map(|(length, start)| boxed(b"edts", &boxed(b"elst", &u32s(&[0, 1, length, start, 0x1_0000]))));
        let tkhd = [u32s(&[7, 0, 0, 1, 0, self.length]), vec![0; 60]].concat();
        let trak = [boxed(b"tkhd", &tkhd), edit.unwrap_or_default(), boxed(b"mdia", &mdia.concat())].concat();
        let mvhd = [u32s(&[0, 0, 0, self.movie_scale, self.length]), vec![0; 80]].concat();
        let mvex = self.fragments.map(|length| {
            let trex = u32s(&[0, 1, 1, self.step, 0, 0]);
            boxed(b"mvex", &[boxed(b"mehd", &u32s(&[0, length])), boxed(b"trex", &trex)].concat())
        });
        let moov = [
            boxed(b"mvhd", &mvhd),
            boxed(b"trak", &trak),
            mvex.unwrap_or_default(),
            self.tag.map(itunes).unwrap_or_default(),
        ];
        [boxed(b"ftyp", b"M4A \0\0\0\0M4A mp42"), boxed(b"moov", &moov.concat())].concat()
    }
}

/// A `udta` with the tag `iTunSMPB`: priming, padding, length.
pub fn itunes([priming, padding, length]: [u32; 3]) -> Vec<u8> {
    let value = format!(" 00000000 {priming:08X} {padding:08X} {length:016X} 00000000 00000000");
    let tag = [
        boxed(b"mean", b"\0\0\0\0com.apple.iTunes"),
        boxed(b"name", b"\0\0\0\0iTunSMPB"),
        boxed(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], value.as_bytes()].concat()),
    ];
    let handler = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0");
    let list = boxed(b"ilst", &boxed(b"----", &tag.concat()));
    boxed(b"udta", &boxed(b"meta", &[vec![0; 4], handler, list].concat()))
}

/// A box.
pub fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}

/// How the runs of a fragment are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// By where the box of the fragment begins, with the flag that says so.
    Moof,
    /// By a place in the file.
    Absolute,
    /// By nothing: the first track's by the box, the others' behind those of the track before.
    Follows,
}

/// A fragment that begins at byte `start` of its file, with the box of its data behind it. Each of `parts` is a `traf`,
/// each of whose parts is a `trun`.
pub fn fragment(start: usize, time: Option<u32>, base: Base, parts: &[Vec<&[Vec<u8>]>]) -> Vec<u8> {
    let head = |data: usize| {
        let mut place = data;
        let mut moof = boxed(b"mfhd", &[0, 0, 0, 0, 0, 0, 0, 1]);
        for (index, runs) in parts.iter().enumerate() {
            let (flags, anchor): (u32, Vec<u8>) = match base {
                Base::Moof => (0x2_0000, vec![]),
                Base::Absolute => (1, ((start + place) as u64).to_be_bytes().to_vec()),
                Base::Follows => (0, vec![]),
            };
            let tfhd = [&flags.to_be_bytes()[..], &1_u32.to_be_bytes(), &anchor].concat();
            let mut traf = boxed(b"tfhd", &tfhd);
            if let Some(time) = time.filter(|_| index == 0) {
                traf.extend(boxed(b"tfdt", &[[0; 4], time.to_be_bytes()].concat()));
            }
            for (number, units) in runs.iter().enumerate() {
                // a second run follows the first
                let from = match base {
                    Base::Moof => Some(place),
                    Base::Absolute => Some(0),
                    Base::Follows => Some(place).filter(|_| index == 0),
                };
                let from = from.filter(|_| number == 0);
                let flags = 0x200 | u32::from(from.is_some());
                let mut trun = [flags, units.len() as u32].map(u32::to_be_bytes).concat();
                trun.extend(from.into_iter().flat_map(|from| (from as u32).to_be_bytes()));
                trun.extend(units.iter().flat_map(|unit| (unit.len() as u32).to_be_bytes()));
                traf.extend(boxed(b"trun", &trun));
                place += units.iter().map(Vec::len).sum::<usize>();
            }
            moof.extend(boxed(b"traf", &traf));
        }
        boxed(b"moof", &moof)
    };
    let moof = head(head(0).len() + 8);
    let data: Vec<u8> = parts.iter().flatten().flat_map(|units| units.concat()).collect();
    [moof, boxed(b"mdat", &data)].concat()
}

/// The access units of an ADTS stream without check sums.
pub fn adts_units(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut units = Vec::new();
    let mut rest = stream;
    while rest.len() > 7 {
        let length = usize::from(rest[3] & 3) << 11 | usize::from(rest[4]) << 3 | usize::from(rest[5]) >> 5;
        units.push(rest[7..length].to_vec());
        rest = &rest[length..];
    }
    units
}
