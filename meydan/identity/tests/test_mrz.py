"""The machine-readable zone: the examples of ICAO Doc 9303, and what is refused."""

from datetime import date

import pytest

from meydan.identity.inputs import GiveDocument
from meydan.identity.models.mrz import MrzError, check_digit, read_mrz
from meydan.kernel.errors import Invalid
from meydan.kernel.inputs import parse

TODAY = date(2026, 11, 30)
# The specimens of Doc 9303 part 4 (TD3), part 6 (TD2) and part 5 (TD1), appendices.
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"


@pytest.mark.parametrize(
    ("zone", "form", "number"), [(TD3, "TD3", "L898902C3"), (TD2, "TD2", "D23145890"), (TD1, "TD1", "D23145890")]
)
def test_the_specimens_are_read(zone: str, form: str, number: str) -> None:
    read = read_mrz(zone, today=TODAY)
    assert (read.form, read.number, read.issuer, read.nationality) == (form, number, "UTO", "UTO")
    assert (read.family_name, read.given_name, read.sex) == ("ERIKSSON", "ANNA MARIA", "F")
    assert (read.birth_date, read.expires) == (date(1974, 8, 12), date(2012, 4, 15))


def test_spaces_small_letters_and_one_line_do_no_harm() -> None:
    assert read_mrz(TD1.lower().replace("<<<<", "< < < <"), today=TODAY).number == "D23145890"
    assert read_mrz(TD3.replace("\n", ""), today=TODAY).number == "L898902C3"


@pytest.mark.parametrize("zone", [TD1, TD2, TD3])
def test_no_single_wrong_character_is_taken_where_digits_check(zone: str) -> None:
    lines = zone.split("\n")
    row = 1
    wrong = 0
    for place, letter in enumerate(lines[row]):
        if not letter.isdigit():
            continue
        changed = f"{lines[row][:place]}{(int(letter) + 1) % 10}{lines[row][place + 1 :]}"
        with pytest.raises(MrzError):
            read_mrz("\n".join([*lines[:row], changed, *lines[row + 1 :]]), today=TODAY)
        wrong += 1
    assert wrong > 10


@pytest.mark.parametrize("text", ["", "P<UTO", TD3[:-1], TD3.replace("U", "é"), TD3 + "\n" + TD3, "<" * 88])
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(MrzError):
        read_mrz(text, today=TODAY)


def test_a_long_number_goes_on_in_the_optional_data() -> None:
    number = "D23145890734"
    rest = number[9:] + check_digit(number)
    first = f"I<UTO{number[:9]}<{rest}{'<' * (15 - len(rest))}"
    second = "7408122F1204159UTO<<<<<<<<<<<"
    composite = check_digit(first[5:30] + second[0:7] + second[8:15] + second[18:29])
    zone = f"{first}\n{second}{composite}\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
    assert read_mrz(zone, today=TODAY).number == number


def test_the_form_says_what_is_wrong_with_a_zone() -> None:
    with pytest.raises(Invalid) as refused:
        parse(GiveDocument, {"zone": TD3.replace("7408122", "7408132")})
    assert "birth date" in str(refused.value.fields["form"])
    with pytest.raises(Invalid):
        parse(GiveDocument, {"given_name": "Anna"})
    assert parse(GiveDocument, {"zone": TD3}).read().from_zone
