"""Fills the clean story: rows for the tables that a plain month leaves empty.

It adds what is right and believable, so that every table has rows and every coded item a
value; the plain month itself comes from `unit`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from msds_audit.sample.unit import (
    COMMISSIONER,
    SNOMED_FINDING,
    SNOMED_OBSERVATION,
    SNOMED_PROCEDURE,
    Record,
    Unit,
)

ICD_10 = "02"
SNOMED_DIAGNOSIS = "06"
HOME = "04"
AT_HOME = "ZZ201"

_TOOL = "720433000"
_GESTATIONAL_DIABETES = "O244"
_ANAEMIA = "87522002"
_ASTHMA = "195967001"
_FAMILY_DIABETES = "160303001"
_JAUNDICE = "387712008"
_NEONATAL_JAUNDICE = "P599"
_BLOOD_PRESSURE = "271649006"
_ULTRASOUND = "16310003"
_EPIDURAL = "18946005"
_DAYS_HOME = 9
_WEEK = timedelta(days=7)


def complete(unit: Unit) -> None:
    """Record in every table what the plain month does not."""
    _mothers(unit)
    _pregnancies(unit)
    _contacts(unit)
    _labours(unit)
    _babies(unit)
    _spells(unit)
    _anonymous(unit)


def _some(unit: Unit, table: str, count: int) -> list[Record]:
    return unit.tables[table][:count]


def _after(text: str, days: int) -> date:
    return date.fromisoformat(text) + timedelta(days=days)


def _mothers(unit: Unit) -> None:
    bookings = _some(unit, "MSD101PregnancyBooking", 8)
    for booking, category in zip(bookings, "ABCDEF", strict=False):
        unit.add(
            "MSD004OverseasVisChargCat",
            LPIDMother=booking["LPIDMother"],
            OvsVisChCat=category,
            OvsVisChCatAppDate=booking["AntenatalAppDate"],
        )
    for registration in _some(unit, "MSD002GP", 2):
        start = registration["StartDateGMPReg"]
        unit.add(
            "MSD002GP",
            LPIDMother=registration["LPIDMother"],
            OrgCodeGMPMother=f"{unit.trust.surgeries}700",
            StartDateGMPReg=_after(start, -900),
            EndDateGMPReg=_after(start, -1),
            OrgIDGPPrac=registration["OrgIDGPPrac"],
        )
    _late_and_moved(bookings, unit)


def _late_and_moved(bookings: list[Record], unit: Unit) -> None:
    for booking, reason in zip(bookings, ("02", "04"), strict=False):
        booking["ReasonLateBooking"] = reason
        booking["OrgIDProvOrigin"] = "RJ7"
    moved = bookings[-1]
    moved["DischargeDateMatService"] = str(unit.period.end)
    moved["DischReason"] = "02"
    moved["OrgIDRecv"] = "RJ7"


def _pregnancies(unit: Unit) -> None:
    diagnoses = ((ICD_10, _GESTATIONAL_DIABETES), (SNOMED_DIAGNOSIS, _ANAEMIA))
    bookings = _some(unit, "MSD101PregnancyBooking", 4)
    for number, booking in enumerate(bookings):
        pregnancy, day = booking["PregnancyID"], booking["AntenatalAppDate"]
        scheme, code = diagnoses[number % 2]
        unit.add(
            "MSD104CodedScoreAssPreg",
            PregnancyID=pregnancy,
            ToolTypeSNOMED=_TOOL,
            Score=number,
            CompDate=day,
        )
        unit.add(
            "MSD105ProvDiagnosisPreg",
            PregnancyID=pregnancy,
            DiagScheme=scheme,
            ProvDiag=code,
            ProvDiagDate=day,
            LocalFetalID="F1",
            FetalOrder="1",
        )
        unit.add(
            "MSD106DiagnosisPreg",
            PregnancyID=pregnancy,
            DiagScheme=scheme,
            Diag=code,
            ComplicatingDiagInd="YN"[number % 2],
            DiagDate=day,
            LocalFetalID="F1",
            FetalOrder="1",
        )
        _history(unit, pregnancy, day)
        _found(unit, pregnancy, day, pressure=110 + number)
    _plans_and_scans(unit)


def _history(unit: Unit, pregnancy: str, day: str) -> None:
    unit.add(
        "MSD107MedHistory",
        PregnancyID=pregnancy,
        DiagScheme=SNOMED_DIAGNOSIS,
        PrevDiag=_ASTHMA,
        DiagDate=_after(day, -2000),
    )
    unit.add(
        "MSD108FamHistBooking",
        PregnancyID=pregnancy,
        SituationScheme=SNOMED_FINDING,
        Situation=_FAMILY_DIABETES,
    )


def _found(unit: Unit, pregnancy: str, day: str, *, pressure: int) -> None:
    unit.add(
        "MSD109FindingObsMother",
        PregnancyID=pregnancy,
        LocalFetalID="F1",
        FetalOrder="1",
        FindingDate=day,
        FindingScheme=SNOMED_FINDING,
        FindingCode=_ANAEMIA,
        ObsDate=day,
        ObsScheme=SNOMED_OBSERVATION,
        ObsCode=_BLOOD_PRESSURE,
        ObsValue=pressure,
        UCUMUnit="mm[Hg]",
    )


def _plans_and_scans(unit: Unit) -> None:
    for plan, (kind, setting, reason) in zip(
        unit.tables["MSD102MatCarePlan"],
        (("06", "04", "01"), ("07", "02", "02"), ("06", "03", "03")),
        strict=False,
    ):
        plan |= {
            "CarePlanType": kind,
            "PlannedDeliverySetting": setting,
            "ReasonChangeDelSettingAnt": reason,
        }
        if setting == HOME:
            plan["OrgSiteIDPlannedDelivery"] = AT_HOME
    for scan in _some(unit, "MSD103DatingScan", 3):
        scan |= {"LocalFetalID": "F1", "FetalOrder": "1"}


def _contacts(unit: Unit) -> None:
    for activity in unit.tables["MSD202CareActivityPreg"][:4]:
        activity |= {
            "LocalFetalID": "F1",
            "FetalOrder": "1",
            "ProcedureScheme": SNOMED_PROCEDURE,
            "ProcedureCode": _ULTRASOUND,
            "ObsScheme": SNOMED_OBSERVATION,
            "ObsCode": _BLOOD_PRESSURE,
            "ObsValue": "112",
            "UCUMUnit": "mm[Hg]",
        }
        unit.add(
            "MSD203CodedScoreAssContact",
            CareActIDMother=activity["CareActIDMother"],
            ToolTypeSNOMED=_TOOL,
            Score=4,
        )
    _cancelled(unit)


def _cancelled(unit: Unit) -> None:
    """Appointments cancelled a week before the ones that then took place."""
    contacts = unit.tables["MSD201CareContactPreg"]
    earliest = str(unit.period.start + _WEEK)
    late_enough = [one for one in contacts if one["CContactDate"] >= earliest]
    bookings = {one["PregnancyID"]: one for one in unit.tables["MSD101PregnancyBooking"]}
    for contact, (attended, reason) in zip(late_enough, (("2", "01"), ("4", "02")), strict=False):
        day = str(date.fromisoformat(contact["CContactDate"]) - _WEEK)
        booking = bookings[contact["PregnancyID"]]
        booking["PregFirstConDate"] = min(booking["PregFirstConDate"], day)
        contacts.append(
            {
                **contact,
                "CareConID": unit.new_id("C"),
                "CContactDate": day,
                "ContactDuration": "",
                "AttendCode": attended,
                "CancelDate": day,
                "CancelReason": reason,
                "ReplApptOffDate": day,
                "ReplApptDate": contact["CContactDate"],
            }
        )


def _labours(unit: Unit) -> None:
    for number, labour in enumerate(unit.tables["MSD301LabourDelivery"]):
        born = labour["LabourOnsetDate"]
        labour |= {
            "DischargeDateMotherHosp": str(min(_after(born, 2), unit.period.end)),
            "DischargeTimeMotherHosp": "23:30:00",
            "DischMethCodeMothPostDelHospProvSpell": "1",
            "DischDestCodeMothPostDelHospProvSpell": "19",
            "ReasonChangeDelSettingLab": ("03", "04", "98")[min(number, 2)],
        }
    _labour_activities(unit)


def _labour_activities(unit: Unit) -> None:
    for activity in _some(unit, "MSD302CareActivityLabDel", 4):
        activity |= {
            "LocalFetalID": "F1",
            "FetalOrder": "1",
            "ProcedureScheme": SNOMED_PROCEDURE,
            "ProcedureCode": _EPIDURAL,
            "FindingScheme": SNOMED_FINDING,
            "FindingCode": _ANAEMIA,
            "ObsScheme": SNOMED_OBSERVATION,
            "ObsCode": _BLOOD_PRESSURE,
            "ObsValue": "118",
            "UCUMUnit": "mm[Hg]",
        }


def _babies(unit: Unit) -> None:
    babies = unit.tables["MSD401BabyDemographics"]
    for baby in babies:
        baby["LocalFetalID"] = f"F{baby['BirthOrderMaternitySUS']}"
        baby["DischargeDateBabyHosp"] = str(
            min(_after(baby["PersonBirthDateBaby"], 2), unit.period.end)
        )
        baby["DischargeTimeBabyHosp"] = "23:30:00"
    died = babies[1]
    died |= {"PersonDeathDateBaby": str(unit.period.end), "PersonDeathTimeBaby": "23:50:00"}
    for baby, admitted in zip(babies[:4], "YNYN", strict=True):
        person, born = baby["LPIDBaby"], baby["PersonBirthDateBaby"]
        unit.add(
            "MSD402NeonatalAdmission",
            LPIDBaby=person,
            NeonatalTransferStartDate=born,
            NeonatalTransferStartTime="23:15:00",
            OrgSiteIDAdmittingNeonatal=unit.sites[0],
            NeoCritCareInd=admitted,
        )
        unit.add(
            "MSD403ProvDiagNeonatal",
            LPIDBaby=person,
            DiagScheme=ICD_10,
            ProvDiag=_NEONATAL_JAUNDICE,
            ProvDiagDate=born,
        )
        unit.add(
            "MSD404DiagnosisNeonatal",
            LPIDBaby=person,
            DiagScheme=SNOMED_DIAGNOSIS,
            Diag=_JAUNDICE,
            DiagDate=born,
        )
    _baby_activities(unit)


def _baby_activities(unit: Unit) -> None:
    for activity in _some(unit, "MSD405CareActivityBaby", 4):
        activity |= {
            "ActivityDuration": "10",
            "TeamLocalID": "T1",
            "ProcedureScheme": SNOMED_PROCEDURE,
            "ProcedureCode": _ULTRASOUND,
            "FindingScheme": SNOMED_FINDING,
            "FindingCode": _JAUNDICE,
            "OrgIDBloodScreeningLab": "RJ701",
        }
        unit.add(
            "MSD406CodedScoreAssBaby",
            CareActIDBaby=activity["CareActIDBaby"],
            ToolTypeSNOMED=_TOOL,
            Score=9,
        )


def _spells(unit: Unit) -> None:
    """Stays of a night some days before the labour, which itself is no spell of this kind."""
    late = [
        labour
        for labour in unit.tables["MSD301LabourDelivery"]
        if _after(labour["StartDateMotherDeliveryHospProvSpell"], -_DAYS_HOME) > unit.period.start
    ]
    for labour in late[:4]:
        spell = unit.new_id("S")
        admitted = labour["StartDateMotherDeliveryHospProvSpell"]
        start, end = str(_after(admitted, -_DAYS_HOME)), str(_after(admitted, 1 - _DAYS_HOME))
        unit.add(
            "MSD501HospProvSpell",
            HospProvSpellNum=spell,
            PregnancyID=labour["PregnancyID"],
            StartDateHospProvSpell=start,
            StartTimeHospProvSpell="01:10:00",
            SourceAdmCodeHospProvSpell="19",
            PatientClassCode="1",
            AdmMethCodeHospProvSpell="31",
            DischDateHospProvSpell=end,
            DischTimeHospProvSpell="23:30:00",
            DischMethCodeHospProvSpell="1",
            DischDestCodeHospProvSpell="19",
        )
        unit.add(
            "MSD502HospSpellComm",
            HospProvSpellNum=spell,
            OrgIDComm=COMMISSIONER,
            StartDateOrgCodeComm=start,
            EndDateOrgCodeComm=end,
        )
        _stay(unit, spell, start=start, end=end)


def _stay(unit: Unit, spell: str, *, start: str, end: str) -> None:
    unit.add(
        "MSD503WardStay",
        HospProvSpellNum=spell,
        StartDateWardStay=start,
        StartTimeWardStay="01:30:00",
        EndDateWardStay=end,
        EndTimeWardStay="23:30:00",
        OrgSiteIDOfTreat=unit.sites[0],
        WardCode="LABOUR",
    )
    unit.add(
        "MSD504AssignedCareProf",
        HospProvSpellNum=spell,
        CareProfLID=unit.staff_member(),
        TeamLocalID="T1",
        StartDateAssCareProf=start,
        EndDateAssCareProf=end,
        TreatFuncCodeMat="560",
    )


def _anonymous(unit: Unit) -> None:
    for day in _days(unit.period.start, 2):
        unit.add(
            "MSD601AnonSelfAssessment",
            CompDate=day,
            ToolTypeSNOMED=_TOOL,
            Score=3,
            LocCode="A01",
            OrgIDComm=COMMISSIONER,
        )
        unit.add(
            "MSD602AnonFindings",
            ClinInterDate=day,
            FindingScheme=SNOMED_FINDING,
            FindingCode=_ANAEMIA,
            OrgIDComm=COMMISSIONER,
        )


def _days(first: date, count: int) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range(1, count + 1))
