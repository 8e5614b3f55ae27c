//! The IANA Language Subtag Registry of 2025-08-25, with ISO 639 and Unicode CLDR 48.2.0. Written by `registry.mjs`.

// Each table is words between spaces; a pair is a word with a colon.

/// Languages of two letters.
pub(super) const TWO_LETTERS: &str = "\
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz \
    ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik \
    in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg \
    mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro \
    ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty \
    ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Languages of three letters: the first two, and every third.
pub(super) const THREE_LETTERS: &str = "\
    aa:abcdefghiklmnopqstuvwxz ab:abcdefghijlmnopqrstuvwxyz ac:abdefhiklmnpqrstuvwxyz \
    ad:abdefghijlnopqrstuwxyz ae:abcdeklmnqrsuwyz af:abdeghiknopstuz ag:abcdefghijklmnopqrstuvwxyz \
    ah:abghiklmnoprst ai:abcdefghijklmnopqrstwxy aj:aginpstuwz ak:bcdefghijklmopqrstuvwxyz \
    al:acdefghijklmnopqrstuvwxyz am:abcefgijklmnopqrstuvwxyz an:abcdefghijklmnopqrstuvwxyz \
    ao:abcdefghijklmnrstuxz ap:abcdefghijklmnopqrstuvwxyz aq:acdgklmnprtz ar:bcdehijklnopqrstuvwxyz \
    as:abcdefghijklnopqrstuvwxyz at:abcdeghijklmnopqrstuvwxyz au:abcdefghijklmnopqrstuwxyz av:bdiklmnostuv \
    aw:abcdeghikmnorstuvwxy ax:begklmx ay:abcdeghiklnopqrstuxyz az:abcdgjmnotz ba:abcdefghijlnoprstuvwxyz \
    bb:abcdefghijklmnopqrstuvwxyz bc:abcdefghijklmnopqrstuvwyz bd:abcdefghijklmnopqrstuvwxyz \
    be:abcdefghijkmopqrstuvwxyz bf:abcdefghijklmnopqrstuwxyz bg:abcdefgijklmnopqrstuvwxyz \
    bh:abcdefghijklmnopqrstuvwxyz bi:abcdefgjklmnopqrtuvwxyz bj:abcdefghijklmnopqrstuvwxyz \
    bk:abcdfghijklmnopqrstuvwxyz bl:abcdefghijklmnopqrstvwxyz bm:abcdefghijklmnopqrstuvwxyz \
    bn:abcdefgijklmnopqrstuvwxyz bo:abefghijklmnopqrtuvwxyz bp:abcdeghijklmnopqrstuvwxyz \
    bq:abcdfghijklmnopqrstuvwxyz br:abcdfghijklmnopqrstuvwxyz bs:abcefghijklmnopqrstuvwxy \
    bt:abcdefghijklmnopqrstuvwxyz bu:abcdefghijkmnopqstuvwxyz bv:abcdefghijklmnopqrtuvwxyz \
    bw:abcdefghijklmnopqrstuwxyz bx:abcdefghijklmnopqrsuvwxz by:abcdefghijklmnopqrstvwxyz \
    bz:abcdefghijklmnopqrstuvwxyz ca:abcdefghijklmnopqrsuvwxyz cb:abcdeghijklnoqrstuvwy cc:acdeghjlmnopqrs \
    cd:acdefghijmnorsyz ce:abgklnty cf:adgm cg:acgk ch:bcdfghjklmnopqrtwxyz ci:abcdehkmnprwy cj:aehikmnoprsvy \
    ck:abhlmnoqrstuvxyz cl:acdehijklmostuwy cm:acegiklmnorst cn:abcghiklopqrstuwx co:abcdefghjklmnopqtuvwxyz \
    cp:abcefginopsuxy cq:du cr:abcdfghijklmnopqrstvwxyz cs:abcdefghijklmnopqrstuvwxyz ct:acdeghlmnopstuyz \
    cu:abcghijklmopqrstuvwxy cv:gn cw:abdegt cx:h cy:abo cz:hknot da:acdefghijklmopqrsuvwxyz \
    db:abdefgijlmnopqrtuvwy dc:cr dd:adegijnorsw de:cdefghiklmnpqrsvz dg:abcdeghiklnorstuwxz \
    dh:adgilmnorsuvwx di:abcdfghijklmnopqrstuwxyz dj:abcdefijklmnoruw dk:agklrsx dl:gkmn \
    dm:abcdefgklmnorsuvwxy dn:adegijknortuvwy do:abcefhiklnopqrstvwxyz dp:p dr:abcdeghilnoqrstuwy \
    ds:behiklnoqz dt:abdhikmnoprstuy du:abcdefghijklmnopqrsuvwxyz dv:a dw:aklrsuwyz dy:abdgimnoruy dz:adegln \
    ea:a eb:cgkoru ec:rsy ee:e ef:aei eg:almoxy eh:su ei:ptv ej:a ek:acegiklmopry el:ehikmopux \
    em:abegikmnopqsuwxyz en:abcdfhlmnoqruvwx eo:t ep:i er:aghikorstw es:eghiklmnoqsuxy et:bchnorstuxz eu:dq \
    ev:ehn ew:o ex:t ey:ao ez:ae fa:abdfghijklmnprtuxyz fb:l fc:s fe:r ff:im fg:r fi:aeflprtuw fk:kv \
    fl:ahilnry fm:pu fn:bgi fo:dimnrsx fp:e fq:s fr:cdkmopqrst fs:els fu:bcdefhijmnqrtuvy fv:r fw:ae \
    ga:abcdefghijklmnopqrstuvwxyz gb:abcdefghijklmnopqrsuvwxyz gc:cdeflnrt gd:abcdefghijklmnoqrstux \
    ge:abcdfghijklmqsvwxyz gf:ktx gg:abdegklnortuw gh:acehklnorst gi:abcdeghilmnopqrstuwxyz gj:ikmnru \
    gk:adenopu gl:bcdhijkloruwy gm:abdeghlmnqruvwxyz gn:abcdeghijklmnoqrtuwz go:abcdefghijklmnopqrstuvwxyz \
    gp:aen gq:ainru gr:abcdghijkmoqrstuvwxyz gs:eglmnopsw gt:aiu gu:abcdefghiklmnopqrstuvwxz gv:acefjlmnoprsy \
    gw:abcdefgijmnrtuwx gx:x gy:abdefgilmnoryz gz:ain ha:abcdefghijklmnopqrsvwxyz hb:abnou hc:ah hd:nsy \
    he:adghim hg:mw hh:iry hi:abdfghijklmortwx hj:i hk:aehkns hl:abdetu hm:abcdefghijklmnpqrstuvwxyz \
    hn:adeghijmnosu ho:abcdehijklmoprstvwyz hp:os hr:acekmoprtuwxz hs:bhlns ht:iosux \
    hu:bcdefghijklmopqrstuvwxyz hv:ceknv hw:aco hy:awx ia:inpr ib:abdeghilmnruy ic:ahlr id:abcdeirstu \
    if:abefkmuy ig:beglmnosw ih:bipw ii:nr ij:cejnos ik:ehikloprstvwxz il:abgiklmopsuvw im:aeilnorsty \
    in:bceghjlmnopstz io:ruw ip:io iq:uw ir:aehiknoruxy is:acdeghikmnortuv it:bcdeiklmorstvwxyz iu:m iv:bv \
    iw:kmos ix:cl iy:aox iz:himrz ja:abcdefhjklmnoqrstuxyz jb:eijkmnortuw jc:st jd:agt je:beghiklnrtu jg:beko \
    jh:is ji:abcdeghilmoqtuvy jj:er jk:amoprsu jl:es jm:abcdilnrswx jn:adgijls jo:bdgrsw jp:arx jq:r jr:abrtu \
    js:l ju:abcdhiklmnoprstuwy jv:dn jw:i jy:aey ka:abcdefghijkmopqrvwxy kb:abcdefghijklmnopqrstuvwxyz \
    kc:abcdefghijklmnopqrstuvwxyz kd:acdefghijklmnopqrtuvwxyz ke:abcdefghijklmnopqrstuvwxyz \
    kf:abcdefghijklmnopqrstuvwxyz kg:abcdefghijklmnopqrstuvwxy kh:abcdefghijklnopqrstuvwxyz \
    ki:abcdefghijlmopqstuvwxyz kj:abcdefghijklmnopqrstuvxyz kk:abcdefghijklmnopqrstuvwxyz \
    kl:abcdefghijklmnopqrstuvwxyz km:abcdefghijklmnopqrstuvwxyz kn:abcdefgijklmnopqrstuvwxyz \
    ko:acdefghijklopqstuvwxyz kp:abcdefghijklmnopqrstuvwxyz kq:abcdefghijklmnopqrstuvwxyz \
    kr:abcdefhijklmnoprstuvwxyz ks:abcdefghijklmnopqrstuvwxyz kt:abcdefghijklmnopqrstuvwxyz \
    ku:bcdefghijklmnopqstuvwxyz kv:abcdefghijklmnopqrstuvwxyz kw:abcdefghijklmnopqrstuvwxyz \
    kx:abcdefhijklmnopqrstuvwxyz ky:abcdefghijklmnopqrstuvwxyz kz:abcdefghijklmnopqrstuvwxyz \
    la:abcdefghijklmnpqrsuwxyz lb:abcefgijklmnoqrstuvwxyz lc:cdefhlmpqs ld:abdghijklmnopq \
    le:abcdefghijklmnopqrstuvwxyz lf:an lg:abghiklmnoqrstuz lh:ahilmnpstu li:abcdefghijklopqrsuvwxyz \
    lj:aeilpwx lk:abcdehijlmnorstuy ll:abcdefghijklmnopqsux lm:abcdefghijklmnopqruvwxyz ln:abdghijlmnosuwz \
    lo:abcefghijklmnopqrstuvwxyz lp:aenox lq:r lr:acegiklmnortvz ls:abcdeghilmnoprstvwy lt:cghinosu \
    lu:acdefhijklmnopqrstuvwyz lv:aiklsu lw:aeghlmostuw lx:m ly:agn lz:hlnz ma:abdefgijkmnpqstuvwxz \
    mb:abcdefhijklmnopqrstuvwxyz mc:abcdefghijklmnopqrstuvwxyz md:abcdefghijklmnpqrstuvwxyz \
    me:abcdefghijklmnopqrstuvwyz mf:abcdefghijklmnopqrstuvwxyz mg:abcdefghijklmnopqrstuvwxyz \
    mh:abcdefghijklmnopqrstuwxyz mi:abcdefghijklmnopqrstuwxyz mj:abcdeghijklmnopqrstuvwxyz \
    mk:abcefghijklmnopqrstuvwxyz ml:abcdefhijklmnopqrsuvwxz mm:abcdefghijklmnopqrtuvwxyz \
    mn:abcdefghijklmnopqrstuvwxyz mo:acdefghijkmopqrstuvwxyz mp:abcdeghijklmnopqrstuvwxyz \
    mq:abcefghijklmnopqrstuvwxyz mr:abcdefghjklmnopqrstuvwxyz ms:bcdefghijklmnopqrstuvwxyz \
    mt:abcdefghijklmnopqrstuvwxy mu:abcdeghijklmnopqrstuvxyz mv:abdefghiklmnopqrstuvwxyz \
    mw:abcdefghijklmnopqrstuvwxyz mx:abcdefghijklmnopqrstuvwxyz my:bcdefghijklmnopqrstuvwxyz \
    mz:abcdeghijklmnopqrstuvwxyz na:abcdefghijklmnopqrstwxyz nb:abcdefghijkmnopqrstuvwxy \
    nc:abcdefghijklmnopqrstuxz nd:abcdfghijklmnpqrstuvwxyz ne:abcdefghijkmnoqrstuvwxyz nf:adlru \
    ng:abcdefghijklmnopqrstuvwxyz nh:abcdefghikmnopqrtuvwxyz ni:abcdefghijklmnoqrstuvwxyz \
    nj:abdhijlmnorstuxyz nk:abcdefghijkmnopqrstuvwxz nl:acegijklmnoqruvwxyz nm:abcdefghijklmnopqrstuvwxyz \
    nn:abcdefghijklmnpqrstuvwxyz no:acdefghijklmnopqstuvwyz np:abghilnosuxy nq:gklmnoqty nr:abcefgiklmnprtuxz \
    ns:abcdefghiklmnopqrstuvwxyz nt:degijkmoprsuwxyz nu:abcdefghijklmnopqrstuvwxyz nv:hmo nw:abcegimorwxy \
    nx:adegiklmnoqrux ny:bcdefghijklmnopqrstuvwxy nz:abdikmrsuyz oa:ackrv ob:iklmortu oc:ahmou od:aktu of:osu \
    og:bcegou oh:tu oi:aen oj:bcgpsvw ok:abcdeghijklmnorsuvxz ol:adekmortu om:abcegiklnopqrtuvwxy \
    on:abegijknoprstuwx oo:dgnrs op:akmoty or:aceghnorstuvwxyz os:acinoptux ot:abdeiklmnoqrstuwxyz ou:abeimn \
    ov:d ow:il oy:bdmy oz:m pa:abcdefghiklmopqrstuvwxyz pb:bcefghilmnoprstuvyz pc:abcdefghijklmnprw \
    pd:acinotu pe:abdefghijklmopqsvxyz pf:ael pg:adgiklnsuyz ph:adghijklmnoqrtuvw pi:abcdefghijlmnoprstuvwxyz \
    pj:t pk:abcghnoprstu pl:abcdefghjklnopqrstuvwyz pm:abcdefhijklmnoqrstuwxyz pn:abcdeghijklmnopqrstuvwxyz \
    po:cdefghikmnopqstvwxyz pp:aeiklmnopqrstu pq:aemw pr:abcdefghiklmnopqrstuwxyz ps:acdeghilmnopqrstuwy \
    pt:ahinopqrtuvwy pu:abcdefgijkmopqrtuwxyz pw:abgimnorw px:m py:emnsuxy pz:ehn qu:abcdfghiklmnpqrsvwxyz \
    qv:acehijlmnopswyz qw:acehmst qx:achlnopqrstuw qy:ap ra:abcdfghijklmnopqrstuvwxyz rb:bklp rc:f rd:b \
    re:abegijlmnrsty rg:aeknrsu rh:gp ri:abeflmnrtu rj:gis rk:abhimtw rm:abcdefghiklmnopqrstuvwxyz \
    rn:abdglnprw ro:abcdefglmopruw rp:nt rr:imot rs:biklmnw rt:chmsw ru:bcefghikopqtuyz rw:aklmor rx:dw \
    ry:nsu rz:h sa:abcdefhijklmopqrstuvwxyz sb:abcdefghijklmnopqrstuvwxyz sc:abefghiklnopqstuvwx \
    sd:abcefghjklmnopqrstuvxz se:abcdefghijklmnopqrstuvwyz sf:bemsw sg:abcdeghijklmnoprstuwxyz \
    sh:abcdeghijklmnopqrstuvwxyz si:abdefghijklmopqrstuvwxyz sj:abcdegklmnoprstuw \
    sk:abcdefghijkmnopqrstuvwxyz sl:acdefghijlmnpqrstuwxyz sm:abcdfghijklmnpqrstuvwxyz \
    sn:bcefghijklmnopqrsuvwxyz so:abcdeghijklnopqrsuvwxyz sp:bcdegiklmnopqrstuvxy sq:ahjkmnoqrstux \
    sr:abcefghiklmnoqrstuvwxyz ss:abcdefghijklmnopqrstuvxyz st:abdefghijklmnopqrstuvwy \
    su:abcegijklmoqrstvwxyz sv:abcekmrsx sw:bcfghijklmnopqrstuvwxy sx:bcegklmnorsuw sy:abcdiklmnorswxy \
    sz:abcdeglnpsvwy ta:abcdefgijklnopqrsuvwxyz tb:abcdefghijklmnopqrstuvwxyz tc:abcdefghiklmnopqstuwxyz \
    td:abcdefghijklmnoqrstuvxy te:abcdefghikmnopqrstuvwxyz tf:inort tg:abcdefghijnopqrstuvwxyz \
    th:cdefhiklmnpqrstuvwxyz ti:acdefghijklmnopqstuvwxyz tj:agijlmnopsuw tk:abdefgklmnpqrstuvwxz \
    tl:abcdfghijklmnopqrstuvwxy tm:abcdefghijklmnopqrstuvwyz tn:abcdefghiklmnopqrstuvwxyz \
    to:bcdefghijklmopqrsuvwxyz tp:acefgijklmnopqrtuvwxyz tq:blmnopqrtuw tr:abcdefghijklmnopqrstuvwxyz \
    ts:abcdefghijklmpqrstuvwxyz tt:abcdefghijklmnopqrstuvwyz tu:abcdefghijlmnopqstuvwxyz tv:adeiklmnostuwxy \
    tw:abcdefghlmnopqrtuwxy tx:abceghijmnoqrstuxy ty:aehijlnprstuvxyz tz:ahjlmnox ua:mnr ub:ailruy \
    ud:aegijlmu ue:s uf:i ug:abehnoy uh:an ui:sv uj:i uk:aghiklpqsuvwy ul:abcefiklmnuwy um:abcdgimnoprsu \
    un:adegikmnpruxz uo:kn up:iv ur:abcefghijklmnoprtuvwxyz us:ahikpsu ut:aehpru uu:mnru uv:ehl uw:a uy:a \
    uz:ns va:aefghijlmnoprsuvy vb:bk ve:cdlmopr vg:rt vi:cdfglnstv vj:k vk:aijklmnoptuz vl:ps \
    vm:abcdefghijklmpqrsuvwxyz vn:kmp vo:rt vr:aost vs:ilnv vt:o vu:mnt vw:a wa:abcdefghijklmnopqrstuvwxyz \
    wb:abefhijklmpqrstvw wc:ai wd:dgjktuy we:acdghimnoprstuw wf:g wg:abgiouwy wh:agku wi:bcefghijklmnrtuvwy \
    wj:ai wk:abdlruwy wl:aceghiklmorsuvwxy wm:abcdeghimnostwx wn:bcdegikmnopuwy wo:abcdefgikmnorswy wp:c \
    wr:abdghiklmnoprsuvwxyz ws:agikrsuv wt:bfhikmw wu:abdhlmnrtuvxy ww:aborw wx:aw wy:abimnry \
    xa:abcdegijklmnopqrstuvwy xb:abcdegijmnoprwxy xc:bceghlmnortuvwy xd:ackmoqy xe:bdglmprstu xf:a \
    xg:abdfgilmnruw xh:acdemrtuv xi:abilnprsvy xj:bt xk:abcdefghijklnopqrstuvwxyz xl:abcdeginopsuy \
    xm:abcdefghjklmnopqrstuvwxyz xn:abdghijkmnoqrstuyz xo:cdgikmnoprw xp:abcdefghijklmnopqrstuvwxyz xq:at \
    xr:abdegimnqrtuw xs:abcdehijlmnopqrsuvy xt:abcdeghijlmnopqrstuvwyz xu:abdgjlmnoprtu xv:einos \
    xw:acdegjklortw xx:bkmrt xy:abjklty xz:hmp ya:abcdefghijklmnopqrstuvwxyz yb:abdehijklmnoxy yc:hlnpr \
    yd:adegks ye:aceijlnrstuvy yg:ailmprsuw yh:adls yi:afghijklmnpqrstuvxyz yk:aghiklmnortuy yl:abegilmnoruy \
    ym:abcdeghiklmnopqrstxz yn:abdeghklnoqsu yo:bgiklmnstxy yp:abghkmnopz yr:abeiklmnoswy ys:cdglmnoprsy \
    yt:alpwy yu:abcdefgijklmnpqrtuwxyz yv:at yw:aglnqrtuw yx:aglmuy yy:ruz yz:gk za:abcdefghijklmopqrstuvwxyz \
    zb:aceltuw zc:adh zd:j ze:aghmn zg:abhmnr zh:bdinwx zi:abklmnrwz zk:abdghknoprtuvz zl:aejmnqsuw \
    zm:abcdefghijklmnopqrstuvwxyz zn:adegks zo:chmoqrs zp:abcdefghijklmnopqrstuvwxyz zq:e zr:agnops zs:aklmru \
    zt:eglmnpqstuxy zu:ahmny zw:a zx:x zy:bgjnp zz:aj";

/// Scripts (ISO 15924).
pub(super) const SCRIPTS: &str = "\
    Adlm Afak Aghb Ahom Arab Aran Armi Armn Avst Bali Bamu Bass Batk Beng Berf Bhks Blis Bopo Brah Brai Bugi \
    Buhd Cakm Cans Cari Cham Cher Chis Chrs Cirt Copt Cpmn Cprt Cyrl Cyrs Deva Diak Dogr Dsrt Dupl Egyd Egyh \
    Egyp Elba Elym Ethi Gara Geok Geor Glag Gong Gonm Goth Gran Grek Gujr Gukh Guru Hanb Hang Hani Hano Hans \
    Hant Hatr Hebr Hira Hluw Hmng Hmnp Hntl Hrkt Hung Inds Ital Jamo Java Jpan Jurc Kali Kana Kawi Khar Khmr \
    Khoj Kitl Kits Knda Kore Kpel Krai Kthi Lana Laoo Latf Latg Latn Leke Lepc Limb Lina Linb Lisu Loma Lyci \
    Lydi Mahj Maka Mand Mani Marc Maya Medf Mend Merc Mero Mlym Modi Mong Moon Mroo Mtei Mult Mymr Nagm Nand \
    Narb Nbat Newa Nkdb Nkgb Nkoo Nshu Ogam Olck Onao Orkh Orya Osge Osma Ougr Palm Pauc Pcun Pelm Perm Phag \
    Phli Phlp Phlv Phnx Piqd Plrd Prti Psin Ranj Rjng Rohg Roro Runr Samr Sara Sarb Saur Seal Sgnw Shaw Shrd \
    Shui Sidd Sidt Sind Sinh Sogd Sogo Sora Soyo Sund Sunu Sylo Syrc Syre Syrj Syrn Tagb Takr Tale Talu Taml \
    Tang Tavt Tayo Telu Teng Tfng Tglg Thaa Thai Tibt Tirh Tnsa Todr Tols Toto Tutg Ugar Vaii Visp Vith Wara \
    Wcho Wole Xpeo Xsux Yezi Yiii Zanb Zinh Zmth Zsye Zsym Zxxx Zyyy Zzzz";

/// Regions (ISO 3166-1, UN M.49).
pub(super) const REGIONS: &str = "\
    AA AC AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BU BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CP CQ CR CS CU CV CW CX CY CZ DD DE DG DJ DK DM DO \
    DZ EA EC EE EG EH ER ES ET EU EZ FI FJ FK FM FO FR FX GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU \
    GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA \
    LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC \
    NE NF NG NI NL NO NP NR NT NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC \
    SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SU SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TP TR TT TV \
    TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS YD YE YT YU ZA ZM ZR ZW ZZ 001 002 003 005 009 011 \
    013 014 015 017 018 019 021 029 030 034 035 039 053 054 057 061 142 143 145 150 151 154 155 202 419";

/// Variants.
pub(super) const VARIANTS: &str = "\
    1606nict 1694acad 1901 1959acad 1994 1996 abl1943 akhmimic akuapem alalc97 aluku anpezo ao1990 aranes \
    arevela arevmda arkaika asante auvern baku1926 balanka barla basiceng bauddha bciav bcizbl biscayan biske \
    blasl bohairic bohoric boont bornholm cisaup colb1945 cornu creiss dajnko ekavsk emodeng fascia fayyumic \
    fodom fonipa fonkirsh fonnapa fonupa fonxsamp gallo gascon gherd grclass grital grmistr hanoi hepburn \
    heploc hognorsk hsistemo huett ijekavsk itihasa ivanchov jauer jyutping kkcor kleinsch kociewie kscor \
    laukika leidentr lemosin lengadoc lipaw ltg1929 ltg2007 luna1918 lycopol mdcegyp mdctrans mesokem metelko \
    monoton ndyuka nedis newfound nicard njiva nulik osojs oxendict pahawh2 pahawh3 pahawh4 pamaka peano \
    pehoeji petr1708 pinyin polyton provenc puter rigik rozaj rumgr sahidic saigon scotland scouse simple \
    solba sotav spanglis surmiran sursilv sutsilv synnejyl tailo tarask tongyong tunumiit uccor ucrcor ulster \
    unifon vaidika valbadia valencia vallader vecdruka viennese vivaraup wadegile xsistemo";

/// Extended language subtags, and the language each stands behind.
pub(super) const EXTENDED: &str = "\
    aao:ar abh:ar abv:ar acm:ar acq:ar acw:ar acx:ar acy:ar adf:ar ads:sgn aeb:ar aec:ar aed:sgn aen:sgn \
    afb:ar afg:sgn ajp:ar ajs:sgn apc:ar apd:ar arb:ar arq:ar ars:ar ary:ar arz:ar ase:sgn asf:sgn asp:sgn \
    asq:sgn asw:sgn auz:ar avl:ar ayh:ar ayl:ar ayn:ar ayp:ar bbz:ar bfi:sgn bfk:sgn bjn:ms bog:sgn bqn:sgn \
    bqy:sgn btj:ms bve:ms bvl:sgn bvu:ms bzs:sgn cdo:zh cds:sgn cjy:zh cmn:zh cnp:zh coa:ms cpx:zh csc:sgn \
    csd:sgn cse:sgn csf:sgn csg:sgn csl:sgn csn:sgn csp:zh csq:sgn csr:sgn csx:sgn czh:zh czo:zh doq:sgn \
    dse:sgn dsl:sgn dsz:sgn dup:ms ecs:sgn ehs:sgn esl:sgn esn:sgn eso:sgn eth:sgn fcs:sgn fse:sgn fsl:sgn \
    fss:sgn gan:zh gds:sgn gom:kok gse:sgn gsg:sgn gsm:sgn gss:sgn gus:sgn hab:sgn haf:sgn hak:zh hds:sgn \
    hji:ms hks:sgn hnm:zh hos:sgn hps:sgn hsh:sgn hsl:sgn hsn:zh icl:sgn iks:sgn ils:sgn inl:sgn ins:sgn \
    ise:sgn isg:sgn isr:sgn jak:ms jax:ms jcs:sgn jhs:sgn jks:sgn jls:sgn jos:sgn jsl:sgn jus:sgn kgi:sgn \
    knn:kok kvb:ms kvk:sgn kvr:ms kxd:ms lbs:sgn lce:ms lcf:ms lgs:sgn liw:ms lls:sgn lsb:sgn lsc:sgn lsg:sgn \
    lsl:sgn lsn:sgn lso:sgn lsp:sgn lst:sgn lsv:sgn lsw:sgn lsy:sgn ltg:lv luh:zh lvs:lv lws:sgn lzh:zh \
    max:ms mdl:sgn meo:ms mfa:ms mfb:ms mfs:sgn min:ms mnp:zh mqg:ms mre:sgn msd:sgn msi:ms msr:sgn mui:ms \
    mzc:sgn mzg:sgn mzy:sgn nan:zh nbs:sgn ncs:sgn nsi:sgn nsl:sgn nsp:sgn nsr:sgn nzs:sgn okl:sgn orn:ms \
    ors:ms pel:ms pga:ar pgz:sgn pks:sgn prl:sgn prz:sgn psc:sgn psd:sgn pse:ms psg:sgn psl:sgn pso:sgn \
    psp:sgn psr:sgn pys:sgn rib:sgn rms:sgn rnb:sgn rsi:sgn rsl:sgn rsm:sgn rsn:sgn sdl:sgn sfb:sgn sfs:sgn \
    sgg:sgn sgx:sgn shu:ar sjc:zh slf:sgn sls:sgn sqk:sgn sqs:sgn sqx:sgn ssh:ar ssp:sgn ssr:sgn svk:sgn \
    swc:sw swh:sw swl:sgn syy:sgn szs:sgn tmw:ms tse:sgn tsm:sgn tsq:sgn tss:sgn tsy:sgn tza:sgn ugn:sgn \
    ugy:sgn ukl:sgn uks:sgn urk:ms uzn:uz uzs:uz vgt:sgn vkk:ms vkt:ms vsi:sgn vsl:sgn vsv:sgn wbs:sgn wuu:zh \
    xki:sgn xml:sgn xmm:ms xms:sgn yds:sgn ygs:sgn yhs:sgn ysl:sgn ysm:sgn yue:zh zib:sgn zlm:ms zmi:ms \
    zsl:sgn zsm:ms";

/// Grandfathered and redundant tags, and what is preferred.
pub(super) const WHOLE: &str = "\
    art-lojban:jbo en-gb-oed:en-GB-oxendict i-ami:ami i-bnn:bnn i-hak:hak i-klingon:tlh i-lux:lb i-navajo:nv \
    i-pwn:pwn i-tao:tao i-tay:tay i-tsu:tsu no-bok:nb no-nyn:nn sgn-be-fr:sfb sgn-be-nl:vgt sgn-ch-de:sgg \
    zh-guoyu:cmn zh-hakka:hak zh-min-nan:nan zh-xiang:hsn sgn-br:bzs sgn-co:csn sgn-de:gsg sgn-dk:dsl \
    sgn-es:ssp sgn-fr:fsl sgn-gb:bfi sgn-gr:gss sgn-ie:isg sgn-it:ise sgn-jp:jsl sgn-mx:mfs sgn-ni:ncs \
    sgn-nl:dse sgn-no:nsl sgn-pt:psr sgn-se:swl sgn-us:ase sgn-za:sfs zh-cmn:cmn zh-cmn-hans:cmn-Hans \
    zh-cmn-hant:cmn-Hant zh-gan:gan zh-wuu:wuu zh-yue:yue";

/// Languages, and what is preferred.
pub(super) const LANGUAGES: &str = "\
    in:id iw:he ji:yi jw:jv mo:ro aam:aas adp:dz ajp:apc ajt:aeb asd:snz aue:ktz ayx:nun bgm:bcg bic:bir \
    bjd:drl blg:iba ccq:rki cjr:mom cka:cmr cmk:xch coy:pij cqu:quh dek:sqm dit:dif drh:khk drr:kzk drw:prs \
    gav:dev gfx:vaj ggn:gvr gli:kzk gti:nyc guv:duz hrr:jal ibi:opa ilw:gal jeg:oyb kgc:tdf kgh:kml kgm:plu \
    koj:kwv krm:bmf ktr:dtp kvs:gdj kwq:yam kxe:tvd kxl:kru kzj:dtp kzt:dtp lak:ksp lii:raq llo:ngt lmm:rmx \
    meg:cir mst:mry mwj:vaj myd:aog myt:mry nad:xny ncp:kdz nns:nbr nnx:ngv nom:cbr nte:eko nts:pij nxu:bpp \
    oun:vaj pat:kxr pcr:adx pmc:huw pmk:crr pmu:phr ppa:bfy ppr:lcq prp:gu pry:prt puz:pub sca:hle skk:oyb \
    smd:kmb snb:iba szd:umi tdu:dtp thc:tpo thw:ola thx:oyb tie:ras tkk:twm tlw:weo tmk:tdg tmp:tyj tne:kak \
    tnf:prs tpw:tpn tsf:taj uok:ema xba:cax xia:acn xkh:waw xrq:dmw xss:zko ybd:rki yma:lrr ymt:mtm yos:zom \
    yuu:yug zir:scv zkb:kjh";

/// Regions and variants, and what is preferred.
pub(super) const SUBTAGS: &str = "\
    bu:MM dd:DE fx:FR tp:TL yd:YE zr:CD heploc:alalc97";

/// Codes of ISO 639-2 and 639-3, and the two letters of ISO 639-1.
pub(super) const SHORTER: &str = "\
    aar:aa abk:ab afr:af aka:ak alb:sq amh:am ara:ar arg:an arm:hy asm:as ava:av ave:ae aym:ay aze:az bak:ba \
    bam:bm baq:eu bel:be ben:bn bih:bh bis:bi bod:bo bos:bs bre:br bul:bg bur:my cat:ca ces:cs cha:ch che:ce \
    chi:zh chu:cu chv:cv cor:kw cos:co cre:cr cym:cy cze:cs dan:da deu:de div:dv dut:nl dzo:dz ell:el eng:en \
    epo:eo est:et eus:eu ewe:ee fao:fo fas:fa fij:fj fin:fi fra:fr fre:fr fry:fy ful:ff geo:ka ger:de gla:gd \
    gle:ga glg:gl glv:gv gre:el grn:gn guj:gu hat:ht hau:ha hbs:sh heb:he her:hz hin:hi hmo:ho hrv:hr hun:hu \
    hye:hy ibo:ig ice:is ido:io iii:ii iku:iu ile:ie ina:ia ind:id ipk:ik isl:is ita:it jav:jv jpn:ja kal:kl \
    kan:kn kas:ks kat:ka kau:kr kaz:kk khm:km kik:ki kin:rw kir:ky kom:kv kon:kg kor:ko kua:kj kur:ku lao:lo \
    lat:la lav:lv lim:li lin:ln lit:lt ltz:lb lub:lu lug:lg mac:mk mah:mh mal:ml mao:mi mar:mr may:ms mkd:mk \
    mlg:mg mlt:mt mol:ro mon:mn mri:mi msa:ms mya:my nau:na nav:nv nbl:nr nde:nd ndo:ng nep:ne nld:nl nno:nn \
    nob:nb nor:no nya:ny oci:oc oji:oj ori:or orm:om oss:os pan:pa per:fa pli:pi pol:pl por:pt pus:ps que:qu \
    roh:rm ron:ro rum:ro run:rn rus:ru sag:sg san:sa scc:sr scr:hr sin:si slk:sk slo:sk slv:sl sme:se smo:sm \
    sna:sn snd:sd som:so sot:st spa:es sqi:sq srd:sc srp:sr ssw:ss sun:su swa:sw swe:sv tah:ty tam:ta tat:tt \
    tel:te tgk:tg tgl:tl tha:th tib:bo tir:ti ton:to tsn:tn tso:ts tuk:tk tur:tr twi:tw uig:ug ukr:uk urd:ur \
    uzb:uz ven:ve vie:vi vol:vo wel:cy wln:wa wol:wo xho:xh yid:yi yor:yo zha:za zho:zh zul:zu";

/// Languages, and the one whose most spoken part they are (CLDR).
pub(super) const WITHIN: &str = "\
    aju:jrb als:sq arb:ar ayr:ay azj:az bcc:bal bcl:bik bxk:luy bxr:bua cld:syr cls:sa cmn:zh cwd:cr dgo:doi \
    dhd:mwr dik:din diq:zza ekk:et emk:man esk:ik fat:ak fuc:ff gaz:om gbo:grb gno:gon gom:kok gug:gn gya:gba \
    hdn:hai hea:hmn him:srx ike:iu khk:mn kmr:ku knc:kr kng:kg kpv:kv lbk:bnc lvs:lv mhr:chm mup:raj npi:ne \
    ojg:oj ory:or pbu:ps pes:fa plt:mg pnb:lah quz:qu rmy:rom spy:kln src:sc swh:sw ttq:tmh umu:del uzn:uz \
    xpe:kpe xsl:den ydd:yi zai:zap zsm:ms zyb:za";

/// Languages, and the script they are nearly always in (Suppress-Script).
pub(super) const WRITTEN: &str = "\
    ab:Cyrl af:Latn am:Ethi ar:Arab as:Beng ay:Latn be:Cyrl bg:Cyrl bn:Beng bs:Latn ca:Latn ch:Latn cs:Latn \
    cy:Latn da:Latn de:Latn dv:Thaa dz:Tibt el:Grek en:Latn eo:Latn es:Latn et:Latn eu:Latn fa:Arab fi:Latn \
    fj:Latn fo:Latn fr:Latn fy:Latn ga:Latn gl:Latn gn:Latn gu:Gujr gv:Latn he:Hebr hi:Deva hr:Latn ht:Latn \
    hu:Latn hy:Armn id:Latn in:Latn is:Latn it:Latn iw:Hebr ja:Jpan ka:Geor kk:Cyrl kl:Latn km:Khmr kn:Knda \
    ko:Kore la:Latn lb:Latn ln:Latn lo:Laoo lt:Latn lv:Latn mg:Latn mh:Latn mk:Cyrl ml:Mlym mo:Latn mr:Deva \
    ms:Latn mt:Latn my:Mymr na:Latn nb:Latn nd:Latn ne:Deva nl:Latn nn:Latn no:Latn nr:Latn ny:Latn om:Latn \
    or:Orya pa:Guru pl:Latn ps:Arab pt:Latn qu:Latn rm:Latn rn:Latn ro:Latn ru:Cyrl rw:Latn sg:Latn si:Sinh \
    sk:Latn sl:Latn sm:Latn so:Latn sq:Latn ss:Latn st:Latn sv:Latn sw:Latn ta:Taml te:Telu th:Thai ti:Ethi \
    tl:Latn tn:Latn to:Latn tr:Latn ts:Latn uk:Cyrl ur:Arab ve:Latn vi:Latn xh:Latn yi:Hebr zu:Latn dsb:Latn \
    frr:Latn frs:Latn gsw:Latn hsb:Latn kok:Deva mai:Deva men:Latn nds:Latn niu:Latn nqo:Nkoo nso:Latn \
    tem:Latn tkl:Latn tmh:Latn tpi:Latn tvl:Latn zbl:Blis";

/// Languages of three letters that CLDR has a locale of.
pub(super) const LOCALES: &str = "\
    agq ann apc arn asa ast bal bas bem bew bez bgc bgn bho blo blt bqi brx bss bua byn cad cch ccp ceb cgg \
    cho chr cic ckb cop csw dav dje doi dsb dua dyo ebu ewo fil frr fur gaa gez gsw guz haw hnj hsb jbo jgo \
    jmc kaa kab kaj kam kcg kde kea kek ken kgp khq kkj kln kok kpe ksb ksf ksh kxv lag lij lkt lld lmo lrc \
    ltg luo luy lzz mai mas mdf mer mfe mgh mgo mhn mic mni moh mua mus mww myv mzn naq nds nmg nnh nqo nso \
    nus nyn oka osa pap pcm pis pms prg quc raj rhg rif rof rwk sah saq sat sbp scn sdh seh ses sgs shi shn \
    sid skr sma smj smn sms ssy suz syr szl teo tig tok tpi trv trw twq tyv tzm und vai vec vmw vun wae wal \
    wbp xnr xog yav yrl yue zgh";
