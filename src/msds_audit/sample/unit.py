"""A maternity unit that records one synthetic month: mothers, bookings, labours and babies.

Everything it records is right; what real units get wrong is left to `habits` and `broken`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from msds_audit.extract import Period
from msds_audit.sample.draws import Draws, NhsNumbers
from msds_audit.sample.figures import Trust

Record: TypeAlias = dict[str, str]
Tables: TypeAlias = dict[str, list[Record]]

STAFF = 20
COMMISSIONER = "36L00"
RESPONSIBLE = "36L"
SNOMED_FINDING = "04"
SNOMED_OBSERVATION = "03"
SNOMED_PROCEDURE = "06"
BIRTH_WEIGHT = "364589006"
APGAR = "169909004"
LATE_FROM = timedelta(days=90)
"""12 weeks and 6 days: from then on a booking is late."""
SMOKING = ("8517006", "8517006", "8517006", "8517006", "77176002")

_LANGUAGES = ("en",) * 14 + ("ta", "ur", "pl", "pt", "so", "es", "ar", "gu", "ro", "q1")
_USUAL_WEIGHT = 3380
_GRAMS_A_DAY = 28
_TERM = 280
_LATE_REASONS = ("01", "02", "08", "01", "98")
_NEIGHBOUR = "RQX"
"""The trust that women are referred from."""
_MINUTES_APART = 20
_EMERGENCY_CAESAREAN = "8"


@dataclass(frozen=True, slots=True)
class Pregnancy:
    """What a labour needs to know of the pregnancy that it ends."""

    id: str
    ethnic: str
    lmp: date
    due: date

    def gestation(self, day: date) -> int:
        """How many days into the pregnancy a day is, by the date agreed for the birth."""
        return _TERM - (self.due - day).days


class Unit:
    """One trust and one month. The tables grow as things are recorded."""

    def __init__(
        self, trust: Trust, period: Period, *, draws: Draws, numbers: NhsNumbers, tables: Tables
    ) -> None:
        self.trust = trust
        self.period = period
        self.draws = draws
        self.numbers = numbers
        self.tables = tables
        self.sites = (f"{trust.code}01", f"{trust.code}02")
        self._ids: dict[str, int] = {}

    def add(self, table: str, **values: str | int | date | time) -> Record:
        """Record one row; items not named stay blank."""
        row = {item: str(value) for item, value in values.items()}
        self.tables[table].append(row)
        return row

    def new_id(self, letter: str) -> str:
        """An identifier such as RAXM00000012, the next of its letter."""
        self._ids[letter] = self._ids.get(letter, -1) + 1
        return f"{self.trust.code}{letter}{self._ids[letter]:08d}"

    def staff_member(self) -> str:
        """One of the people who work here."""
        return f"CP{self.draws.below(STAFF):04d}"

    # --- the submission and its staff

    def header(self) -> None:
        """The header, and everybody who works here."""
        self.add(
            "MSD000Header",
            Version="2.0",
            OrgIDProvider=self.trust.code,
            OrgIDSubmit=self.trust.code,
            PrimSystemInUse="SYNTH MIS",
            RPStartDate=self.period.start,
            RPEndDate=self.period.end,
            FileCreationDate=self.period.end + timedelta(days=10),
            FileCreationTime="09:30:00",
        )
        for number in range(STAFF):
            midwife = number % 5 != 4
            self.add(
                "MSD901StaffDetails",
                CareProfLID=f"CP{number:04d}",
                ProfRegCode="09" if midwife else "03",
                ProfRegID=f"12A{number:04d}E",
                StaffGroup="05" if midwife else "03",
                OccupationCode="N2C" if midwife else "001",
                JobRoleCode="10000" if midwife else "01000",
            )

    # --- the mother and her pregnancy

    def mother(self, ethnic: str, booked: date) -> str:
        """A mother and her GP, old enough at her booking. Returns her identifier."""
        mother = self.new_id("M")
        age = 17 + self.draws.below(14) + self.draws.below(14)
        self.add(
            "MSD001MotherDemog",
            LPIDMother=mother,
            OrgIDLPID=self.trust.code,
            PersonBirthDateMother=booked - timedelta(days=age * 365 + 4 + self.draws.below(365)),
            OrgIDResidenceResp=RESPONSIBLE,
            NHSNumberMother=self.numbers.next(),
            NHSNumberStatusMother="01",
            Postcode=self.draws.postcode(self.trust.districts),
            EthnicCategoryMother=ethnic,
        )
        self.add(
            "MSD002GP",
            LPIDMother=mother,
            OrgCodeGMPMother=f"{self.trust.surgeries}{600 + self.draws.below(60):03d}",
            StartDateGMPReg=booked - timedelta(days=self.draws.between(100, 3000)),
            OrgIDGPPrac=RESPONSIBLE,
        )
        return mother

    def pregnancy(self, ethnic: str, *, booked: date, lmp: date) -> Pregnancy:
        """A pregnancy of a new mother, with its booking appointment, scan and care plan."""
        due = lmp + timedelta(days=_TERM + self.draws.between(-4, 4))
        pregnancy = Pregnancy(self.new_id("P"), ethnic, lmp, due)
        self.booking(pregnancy, self.mother(ethnic, booked), booked)
        if booked >= self.period.start:
            # Contacts of an earlier month went with the submission of that month.
            self._booking_appointment(pregnancy, booked)
        self.care_plan(pregnancy, min(booked + timedelta(self.draws.below(3)), self.period.end))
        scanned = max(booked, lmp + timedelta(days=self.draws.between(77, 97)))
        if scanned <= self.period.end:
            self.dating_scan(pregnancy, booked, scanned)
        return pregnancy

    def booking(self, pregnancy: Pregnancy, mother: str, booked: date) -> Record:
        """The booking of a pregnancy, with its reason where it is late."""
        draws = self.draws
        births = draws.pick((0, 0, 0, 0, 1, 1, 1, 2, 3))
        booking = self.add(
            "MSD101PregnancyBooking",
            PregnancyID=pregnancy.id,
            LPIDMother=mother,
            OrgIDComm=COMMISSIONER,
            AntenatalAppDate=booked,
            PregFirstConDate=booked - timedelta(days=draws.between(0, 20)),
            EDDAgreed=pregnancy.due,
            OrgSiteIDBooking=draws.pick(self.sites),
            EDDMethodAgreed=draws.pick(("02", "02", "02", "03", "01")),
            SourceRefMat=draws.pick(("01", "01", "02", "03")),
            PregFirstContactCareProfType=draws.pick(("01", "01", "02")),
            LastMenstrualPeriodDate=pregnancy.lmp,
            DisabilityIndMother=draws.pick(("N",) * 11 + ("Y",)),
            LangCode=draws.pick(_LANGUAGES),
            MHPredictionDetectionIndMother=draws.pick(("Y", "Y", "Y", "N")),
            ComplexSocialFactorsInd=draws.pick(("N",) * 7 + ("Y",)),
            EmploymentStatusMother=draws.pick(("01", "01", "01", "02", "05", "06")),
            SupportStatusIndMother=draws.pick(("Y",) * 9 + ("N",)),
            EmploymentStatusPartner=draws.pick(("01",) * 6 + ("02", "05")),
            PreviousCaesareanSections=draws.below(2) if births else 0,
            PreviousLiveBirths=births,
            PreviousStillBirths=0,
            PreviousLossesLessThan24Weeks=draws.pick((0, 0, 0, 1)),
            FolicAcidSupplement=draws.pick(("01", "02", "02", "03")),
        )
        dated_from = date.fromisoformat(booking["EDDAgreed"]) - timedelta(days=_TERM)
        if booked >= dated_from + LATE_FROM:
            turn = len(self.tables["MSD101PregnancyBooking"])
            booking["ReasonLateBooking"] = _LATE_REASONS[turn % len(_LATE_REASONS)]
        if booking["SourceRefMat"] == "03":
            booking["OrgIDProvOrigin"] = _NEIGHBOUR
        return booking

    def _booking_appointment(self, pregnancy: Pregnancy, booked: date) -> None:
        self.activity(
            self.contact(pregnancy, booked, consultation="01"),
            self.staff_member(),
            "T1",
            FindingScheme=SNOMED_FINDING,
            FindingCode=self.draws.pick(SMOKING),
        )

    def contact(self, pregnancy: Pregnancy, day: date, *, consultation: str) -> Record:
        """A contact that was attended."""
        return self.add(
            "MSD201CareContactPreg",
            CareConID=self.new_id("C"),
            PregnancyID=pregnancy.id,
            CContactDate=day,
            CContactTime=f"{self.draws.between(9, 16):02d}:{self.draws.pick(('00', '30'))}:00",
            OrgIDComm=COMMISSIONER,
            AdminCatCode="01",
            ContactDuration=self.draws.pick((45, 60)),
            ConsultType=consultation,
            CCSubject="01",
            Medium=self.draws.pick(("01", "01", "01", "02")),
            LocCode=self.draws.pick(("B01", "E01", "K01")),
            OrgSiteIDOfTreat=self.draws.pick(self.sites),
            GPTherapyInd="N",
            AttendCode=self.draws.pick(("5", "5", "5", "6")),
        )

    def activity(self, contact: Record, professional: str, team: str, **found: str) -> Record:
        """What somebody did or found at a contact."""
        return self.add(
            "MSD202CareActivityPreg",
            CareActIDMother=self.new_id("A"),
            CareConID=contact["CareConID"],
            CareProfLID=professional,
            TeamLocalID=team,
            ActivityDuration=20,
            **found,
        )

    def care_plan(self, pregnancy: Pregnancy, day: date) -> Record:
        """An antenatal care plan, with or without continuity of carer."""
        return self.add(
            "MSD102MatCarePlan",
            PregnancyID=pregnancy.id,
            CarePlanDate=day,
            CarePlanType="05",
            MatPersCarePlanInd=self.draws.pick(("Y", "Y", "Y", "N")),
            ContCarePathInd=self.draws.pick(("Y", "N")),
            CareProfLID=self.staff_member(),
            TeamLocalID="T1",
            OrgSiteIDPlannedDelivery=self.draws.pick(self.sites),
            PlannedDeliverySetting=self.draws.pick(("01", "01", "02", "03")),
        )

    def dating_scan(self, pregnancy: Pregnancy, booked: date, scanned: date) -> Record:
        """A dating scan of one fetus, offered at the booking."""
        return self.add(
            "MSD103DatingScan",
            PregnancyID=pregnancy.id,
            ActivityOfferDateUltrasound=booked,
            OfferStatusDatingUltrasound="03",
            ProcedureDateDatingUltrasound=scanned,
            GestationDatingUltrasound=(scanned - pregnancy.lmp).days,
            NoFetusesDatingUltrasound=1,
            AbnormalityDatingUltrasound="N",
            OrgIDDatingUltrasound=self.trust.code,
        )

    def circumstance(self, mother: str, concept: str, recorded: str) -> None:
        """Something a mother said about herself."""
        self.add(
            "MSD003SocPersCircumstances",
            LPIDMother=mother,
            SocPerSNOMED=concept,
            SocPerDate=recorded,
        )

    # --- the birth

    def labour(self, pregnancy: Pregnancy, born: date, *, babies: int, in_kg: bool) -> Record:
        """A labour that ends a pregnancy, with its babies."""
        labour = self.new_id("L")
        admitted = born - timedelta(days=self.draws.below(2))
        record = self.add(
            "MSD301LabourDelivery",
            LabourDeliveryID=labour,
            PregnancyID=pregnancy.id,
            OrgSiteIDIntra=self.sites[0],
            SettingIntraCare="01",
            LabourOnsetMethod=self.draws.pick(("1", "1", "1", "3", "4")),
            LabourOnsetDate=born,
            LabourOnsetTime="02:00:00",
            StartDateMotherDeliveryHospProvSpell=admitted,
            StartTimeMotherDeliveryHospProvSpell="01:10:00",
            AdmMethCodeMothDelHospProvSpell="31",
            OrgIDPostnatalPathLeadProvider=self.trust.code,
        )
        self.add(
            "MSD302CareActivityLabDel",
            LabourDeliveryID=labour,
            ClinInterDateMother=born,
            ClinInterTimeMother="04:00:00",
            ActivityDuration=30,
            CareProfLID=self.staff_member(),
            TeamLocalID="T1",
            MatCritInd="N",
        )
        hour = self.draws.between(4, 21)
        minute = self.draws.between(10, 59 - _MINUTES_APART * (babies - 1))
        born_here = [
            self._baby(
                pregnancy,
                labour,
                datetime.combine(born, time(hour, minute + _MINUTES_APART * (order - 1))),
                order=order,
                in_kg=in_kg,
            )
            for order in range(1, babies + 1)
        ]
        if any(baby["DeliveryMethodCode"] == _EMERGENCY_CAESAREAN for baby in born_here):
            record |= {
                "CaesareanDate": str(born),
                "CaesareanTime": f"{hour:02d}:05:00",
                "DecisionToDeliverDate": str(born),
                "DecisionToDeliverTime": f"{hour - 1:02d}:25:00",
            }
            for baby in born_here:
                baby["DeliveryMethodCode"] = _EMERGENCY_CAESAREAN
        return record

    def _baby(
        self, pregnancy: Pregnancy, labour: str, at: datetime, *, order: int, in_kg: bool
    ) -> Record:
        baby = self.new_id("B")
        born, hour = at.date(), at.hour
        days = pregnancy.gestation(born)
        breech = self.draws.below(25) == 0
        record = self.add(
            "MSD401BabyDemographics",
            LPIDBaby=baby,
            LabourDeliveryID=labour,
            OrgIDLocalPatientIdBaby=self.trust.code,
            PersonBirthDateBaby=born,
            PersonBirthTimeBaby=at.time(),
            PregOutcome="01",
            PersonPhenSex=self.draws.pick(("1", "2")),
            EthnicCategoryBaby=pregnancy.ethnic,
            NHSNumberBaby=self.numbers.next(),
            NHSNumberStatusBaby="01",
            BirthOrderMaternitySUS=order,
            FetusPresentation="02" if breech else "01",
            GestationLengthBirth=days,
            DeliveryMethodCode=_EMERGENCY_CAESAREAN
            if breech
            else self.draws.pick(("0", "0", "0", "1", "4", _EMERGENCY_CAESAREAN)),
            WaterDeliveryInd="N",
            OrgSiteIDActualDelivery=self.sites[0],
            CareProfLIDDel=self.staff_member(),
            SettingPlaceBirth="01",
            BabyFirstFeedDate=born,
            BabyFirstFeedTime=f"{hour + 1:02d}:30:00",
            BabyFirstFeedIndCode=self.draws.pick(("01", "01", "01", "03")),
            SkinToSkinContact1HourInd=self.draws.pick(("Y", "Y", "Y", "N")),
        )
        grams = _USUAL_WEIGHT + (days - _TERM) * _GRAMS_A_DAY + self.draws.between(-600, 600)
        weight = f"{grams // 1000}.{grams % 1000:03d}" if in_kg else str(grams)
        self._measured_at_birth(baby, born, hour=hour, weight=weight, unit="kg" if in_kg else "g")
        return record

    def _measured_at_birth(
        self, baby: str, born: date, *, hour: int, weight: str, unit: str
    ) -> None:
        apgar = str(self.draws.pick((8, 9, 9, 9, 10)))
        for code, value, measured_in in ((BIRTH_WEIGHT, weight, unit), (APGAR, apgar, "")):
            self.add(
                "MSD405CareActivityBaby",
                CareActIDBaby=self.new_id("W"),
                LPIDBaby=baby,
                ClinInterDateBaby=born,
                ClinInterTimeBaby=f"{hour + 1:02d}:05:00",
                CareProfLID=self.staff_member(),
                NNCritIncInd="N",
                ObsScheme=SNOMED_OBSERVATION,
                ObsCode=code,
                ObsValue=value,
                UCUMUnit=measured_in,
            )
