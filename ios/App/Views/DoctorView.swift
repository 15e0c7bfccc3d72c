import PermessoKit
import PermessoScreens
import SwiftUI

/// Why can't I see anybody? To look would bring who has left back to the network.
struct DoctorPlace: View {
    @ObservedObject var app: AppModel
    @Environment(\.words) private var words
    let model: @MainActor () -> Doctor

    var body: some View {
        if app.state.isOff {
            List { LeavingSection(app: app) }.navigationTitle(words.doctorTitle)
        } else {
            DoctorView(model: model())
        }
    }
}

/// What the doctor finds.
struct DoctorView: View {
    @StateObject private var model: Doctor
    @Environment(\.words) private var words

    init(model: @autoclosure @escaping @MainActor () -> Doctor) {
        _model = StateObject(wrappedValue: model())
    }

    var body: some View {
        List {
            let remedies = words.remedies(model.state)
            if model.state.isExamining {
                ProgressView(words.doctorLooking).frame(maxWidth: .infinity)
            } else if let examination = model.state.examination {
                Section { Text(summary(examination, remedies)).font(.headline) }
            }
            ForEach(remedies, id: \.todo) { remedy in
                Section(remedy.wrong) {
                    Text(remedy.todo)
                    if remedy.isInSettings { SettingsButton() }
                }
            }
            if !model.state.isExamining, let examination = model.state.examination { details(examination) }
            Section {
                Button(words.lookAgain) { Task { await model.examine() } }.disabled(model.state.isExamining)
                NavigationLink(words.codeTitle, value: Screen.myCode)
            } footer: {
                Text(words.doctorCodeHelps)
            }
        }
        .navigationTitle(words.doctorTitle)
        .troubles(of: model)
        .task { await model.examine() }
    }

    private func summary(_ examination: Examination, _ remedies: [Remedy]) -> String {
        let answered = Set(examination.diagnoses.compactMap(\.answeredByAlias)).sorted()
        if examination.leadsToSomebody {
            return answered.isEmpty ? words.doctorSomebody : words.doctorSees(names: answered.joined(separator: ", "))
        }
        return remedies.isEmpty ? words.doctorNobody : words.doctorBroken
    }

    private func details(_ examination: Examination) -> some View {
        Section {
            DisclosureGroup(words.doctorDetails, isExpanded: Binding(model.state.showsDetails) { model.showDetails($0) }) {
                Text(words.doctorPort(port: Int(examination.port)))
                ForEach(Array(model.state.findings.enumerated()), id: \.offset) { _, diagnosis in
                    VStack(alignment: .leading) {
                        Text(words.diagnosis(thing: words.thing(diagnosis.thing), judgement: words.judgement(diagnosis.judgement)))
                            .foregroundStyle(diagnosis.judgement == .doesNotWork ? Color.bad : .primary)
                        Text([diagnosis.network, words.ground(diagnosis, examination)].compactMap { $0 }.joined(separator: ": "))
                            .font(.footnote).foregroundStyle(.quiet)
                    }
                    .accessibilityElement(children: .combine)
                }
            }
        }
    }
}
