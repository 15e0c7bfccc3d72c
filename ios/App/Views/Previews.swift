#if DEBUG
    import PermessoScreens
    import SwiftUI

    /// Every state of every screen, by its name, in Xcode's canvas.
    struct Samples_Previews: PreviewProvider {
        static var previews: some View {
            ForEach(Sample.all) { sample in
                NavigationStack { SampleView(sample: sample) }
                    .environmentObject(Device())
                    .previewDisplayName(sample.id)
            }
        }
    }

    private struct SampleView: View {
        let sample: Sample

        var body: some View {
            switch sample.model {
            case .start(let app): RootView(app: app)
            case .people(let model, let app): PeopleView(app: app, isBeside: false, model: model)
            case .find(let model, let app): FindView(app: app, model: model)
            case .person(let model): PersonView(app: Sample.app, id: sampleId(1), model: model)
            case .code(let model): MyCodeView(model: model)
            case .scan(let model): ScanView(app: Sample.app, model: model)
            case .conversation(let model): ConversationView(app: Sample.app, friend: sampleId(1), model: model)
            case .search(let model): SearchMessagesView(app: Sample.app, model: model)
            case .doctor(let model): DoctorView(model: model)
            case .settings(let model, let notifications): SettingsView(notifications: notifications, model: model)
            case .account(let model): AccountView(app: Sample.app, model: model)
            case .more(let app): MoreView(app: app)
            case .notices(let log): NoticesView(notices: log)
            case .about: AboutView()
            case .licences: LicencesView()
            case .passOn: PassOnView()
            }
        }
    }
#endif
